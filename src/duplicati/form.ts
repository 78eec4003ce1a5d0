/**
 * Parameters of an `application/x-www-form-urlencoded` body, as Duplicati posts text reports. Values stay bytes: of a large one only
 * a part becomes a text.
 */

export interface FormField {
  name: string
  value: Uint8Array
}

const MAX_FIELDS = 100
const MAX_NAME = 200
const [AMPERSAND, EQUALS, PLUS, PERCENT, SPACE] = [0x26, 0x3d, 0x2b, 0x25, 0x20]

/** Name and value of each parameter. Broken escapes stay as they are, more than a hundred parameters are left out. */
export function formFields(body: Uint8Array): FormField[] {
  const fields: FormField[] = []
  for (let from = 0; from < body.length && fields.length < MAX_FIELDS; ) {
    const end = endOf(body, AMPERSAND, from, body.length)
    const equals = endOf(body, EQUALS, from, end)
    const name = body.subarray(from, Math.min(equals, from + MAX_NAME))
    if (end > from)
      fields.push({ name: Buffer.from(unescaped(name)).toString(), value: unescaped(body.subarray(equals + 1, end)) })
    from = end + 1
  }
  return fields
}

function endOf(body: Uint8Array, sign: number, from: number, end: number): number {
  const at = body.indexOf(sign, from)
  return at < 0 || at > end ? end : at
}

/** The values of hexadecimal digits by their bytes; 16 and more for anything else. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const value = Number.parseInt(String.fromCharCode(byte), 16)
  return Number.isNaN(value) ? 0xff : value
})

function unescaped(text: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(text.length)
  let length = 0
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number
    if (byte === PERCENT && at + 2 < text.length) {
      const [high, low] = [DIGITS[text[at + 1] as number] as number, DIGITS[text[at + 2] as number] as number]
      if (high < 16 && low < 16) {
        bytes[length++] = high * 16 + low
        at += 2
        continue
      }
    }
    bytes[length++] = byte === PLUS ? SPACE : byte
  }
  return bytes.subarray(0, length)
}
