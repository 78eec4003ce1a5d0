/** C1 controls, DEL, the separators U+2028/2029 and the marks that reorder a line. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * JSON for people's terminals and for programs: one object. JSON.stringify leaves C1 controls, DEL, line separators and bidi
 * marks as they are; a terminal would obey some of them, so they are written as `\u` escapes, which every parser reads back the
 * same (RFC 8259, section 7).
 * @param options.indented for people; programs get one line, which takes half the time for a large fleet
 */
export function toJson(value: unknown, options: { indented?: boolean } = {}): string {
  const text = options.indented === false ? JSON.stringify(value) : JSON.stringify(value, null, 2)
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
