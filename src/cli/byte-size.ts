import { UsageError } from '../errors.ts'

const UNITS: Record<string, number> = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }
const MOST = 1024 ** 3

/**
 * Bytes of a size as people write it: `64MB`, `512 KiB`, `1000000`; units are powers of 1024.
 * @throws UsageError for others, none and more than 1 GB
 */
export function bytesOf(text: string, flag: string): number {
  const [, number, unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?)\s*([kmg]?i?b?)$/i.exec(text.trim()) ?? []
  const factor =
    UNITS[
      unit
        .toLowerCase()
        .replace('i', '')
        .replace(/^([kmg])$/, '$1b')
    ]
  const bytes = Math.floor(Number(number) * (factor ?? Number.NaN))
  if (!(bytes > 0 && bytes <= MOST)) {
    throw new UsageError(`${flag} ${JSON.stringify(text)} is no size up to 1 GB`, {
      hint: 'Write it like 64MB or 512KB.',
    })
  }
  return bytes
}
