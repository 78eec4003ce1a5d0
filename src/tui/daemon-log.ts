/** The daemon's log, as far as this machine keeps it: the journal of its systemd unit, of the system or of the user. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createFormat } from '../output/format.ts'

const UNIT = 'duplistatus'
const MOST_LINES = 500
const PATIENCE = 3_000
const MOST_BYTES = 8 * 1024 * 1024
const LEVELS: Record<number, string> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }

export interface LogOptions {
  env: NodeJS.ProcessEnv
  locale: string
  timeZone: string | null
}

/** The newest lines, oldest first; null where there is no journal, or nothing in it. */
export async function readDaemonLog({ env, locale, timeZone }: LogOptions): Promise<string[] | null> {
  const args = ['--unit', UNIT, '--lines', String(MOST_LINES), '--output', 'cat', '--no-pager', '--quiet']
  for (const whose of [[], ['--user']]) {
    const text = await journal([...whose, ...args], env)
    const lines = text.split('\n').filter((line) => line !== '')
    if (lines.length > 0) return lines.map((line) => readable(line, { env, locale, timeZone }))
  }
  return null
}

async function journal(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const options = { env, timeout: PATIENCE, maxBuffer: MOST_BYTES }
    return (await promisify(execFile)('journalctl', args, options)).stdout
  } catch {
    // No journalctl, no journal, or none for us: all of them mean that there is nothing to show.
    return ''
  }
}

/** A line of JSON as `date level message`; anything else, such as what systemd says, as it is. */
function readable(line: string, { locale, timeZone }: LogOptions): string {
  const entry = parsed(line)
  if (!entry) return line
  const { time, level, msg, ...rest } = entry
  const at = createFormat({ locale, timeZone, now: 0 }).dateTime(Number(time))
  const fields = Object.entries(rest).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${at} ${LEVELS[Number(level)] ?? ''} ${msg}${fields.join('')}`
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'msg' in value ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
