/** Parameters of an `application/x-www-form-urlencoded` body, as Duplicati posts text reports. */

const MAX_PARAMETERS = 100

/** Name and value of each parameter; bytes that are no UTF-8 become U+FFFD. More than a hundred parameters are left out. */
export function formFields(text: string): [name: string, value: string][] {
  const fields: [string, string][] = []
  for (let from = 0; from < text.length && fields.length < MAX_PARAMETERS; ) {
    const end = endOf(text, '&', from, text.length)
    const equals = endOf(text, '=', from, end)
    if (end > from) fields.push([unescaped(text.slice(from, equals)), unescaped(text.slice(equals + 1, end))])
    from = end + 1
  }
  return fields
}

function endOf(text: string, sign: string, from: number, end: number): number {
  const at = text.indexOf(sign, from)
  return at < 0 || at > end ? end : at
}

function unescaped(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    // Broken escapes, or a character that was cut in two: slower, and reads anything.
    return new URLSearchParams(`x=${text}`).get('x') ?? ''
  }
}
