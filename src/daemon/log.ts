import pino, { type Logger } from 'pino'
import { clean } from '../output/escape.ts'

export type { Logger } from 'pino'

/** C1 controls, DEL, line separators and marks that reorder a line: JSON leaves them as they are, a terminal obeys them. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const LEVELS: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }
const OWN = new Set(['level', 'time', 'msg', 'pid', 'hostname'])

/**
 * The daemon's log: a line of JSON each for a journal or a file, a readable one on a terminal. What came from outside can neither
 * end a line nor move a cursor.
 */
export function createLog(stream: NodeJS.WriteStream, level = 'info'): Logger {
  const write = stream.isTTY
    ? (line: string) => stream.write(`${readable(JSON.parse(line))}\n`)
    : (line: string) => stream.write(line.replace(UNSAFE, escaped))
  return pino({ level, base: null, serializers: { error: plainError } }, { write })
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function readable(entry: Record<string, unknown>): string {
  const time = new Date(Number(entry.time)).toTimeString().slice(0, 8)
  const fields = Object.entries(entry).filter(([name]) => !OWN.has(name))
  const rest = fields.map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return clean(`${time} ${LEVELS[Number(entry.level)] ?? ''} ${entry.msg}${rest.join('')}`)
}

/** Of an error what helps to find it; never its other fields, which may hold a request with its address. */
function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  return { name: error.name, message: error.message, code: (error as { code?: string }).code, stack: error.stack }
}
