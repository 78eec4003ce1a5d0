/**
 * JSON for people's terminals (indented) and for programs (one line). JSON.stringify leaves C1 controls, DEL and
 * the separators U+2028/2029 as they are; a terminal would obey some of them, so they are written as `\u` escapes, which every
 * parser reads back the same (RFC 8259, section 7).
 */
export function toJson(value: unknown, { indented = true } = {}): string {
  return JSON.stringify(value, null, indented ? 2 : undefined).replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
