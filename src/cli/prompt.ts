import { StringDecoder } from 'node:string_decoder'
import { SilentError, UsageError, UserError } from '../errors.ts'
import { clean } from '../output/escape.ts'
import type { Context } from './context.ts'
import { folded } from './fold.ts'

type Terminal = Pick<Context, 'stdin' | 'stderr' | 'isTTY'>

/** A password is one line, headers are a few; more is something else. */
const MOST_BYTES = 64 * 1024
const MOST_HEADERS = 20
/** Takes a character away. The whole line is not drawn again: a question may be longer than a row of the terminal. */
const BACK = '\b \b'
/** RFC 9110, 5.6.2: what a header's name may be made of. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/
/** Headers that say how the message itself is sent; a user's value would break it, or send it to another host. */
const OWN_HEADERS =
  /^(?:host|content-length|content-type|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect)$/i

/** Whether a person can be asked: questions go to stderr, answers come from stdin. */
export function canAsk({ isTTY }: Pick<Context, 'isTTY'>): boolean {
  return isTTY.stdin && isTTY.stderr
}

/** Asks for something secret; what is typed is not shown. @throws SilentError (130) on Ctrl-C */
export async function askHidden(terminal: Terminal, question: string): Promise<string> {
  const answer = await readLine(terminal, question, { hidden: true })
  if (answer === '') throw new UserError('Nothing was entered', { code: 'password_missing' })
  return answer
}

/** Asks yes or no; Enter alone is no. @throws SilentError (130) on Ctrl-C */
export async function confirm(terminal: Terminal, question: string): Promise<boolean> {
  const answer = await readLine(terminal, `${question} [y/N] `, { hidden: false })
  return /^y(?:es)?$/i.test(answer.trim())
}

/**
 * One line from the terminal in raw mode, so that nothing is echoed but what is shown here, and the terminal is as before when
 * it ends, however it ends.
 */
function readLine({ stdin, stderr }: Terminal, question: string, { hidden }: { hidden: boolean }): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const decoder = new StringDecoder('utf8')
  let line: string[] = []
  const restore = () => {
    stdin.off('data', read).off('end', ended).off('error', reject)
    stdin.setRawMode?.(false)
    stdin.pause()
    stderr.write('\n')
  }
  const ended = () => resolve(line.join(''))
  const read = (bytes: Buffer) => {
    // Arrow keys and the like come as escape sequences, pasted text between two of them.
    const text = decoder.write(bytes).replace(/\u001b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z]|.)?/g, '')
    for (const character of text) {
      if (character === '\r' || character === '\n') return resolve(line.join(''))
      if (character === '\u0003') return reject(new SilentError(130))
      if (character === '\u0004') return line.length === 0 ? reject(new SilentError(130)) : undefined
      const before = line.length
      line = edited(line, character)
      if (!hidden) stderr.write(line.length > before ? clean(character) : BACK.repeat(before - line.length))
    }
  }
  // First, so that what is typed as soon as the question stands there is not echoed.
  stdin.setRawMode?.(true)
  stderr.write(folded(clean(question), stderr))
  stdin.on('data', read).on('end', ended).on('error', reject)
  stdin.resume()
  return promise.finally(restore)
}

function edited(line: string[], character: string): string[] {
  if (character === '\u007f' || character === '\b') return line.slice(0, -1)
  if (character === '\u0015') return []
  return character < ' ' || line.length >= 4096 ? line : [...line, character]
}

/** What `--password-stdin` and `--headers-stdin` brought. */
export interface SecretInput {
  password: string | null
  headers: Record<string, string> | null
}

/**
 * Reads secrets from stdin: with `--password-stdin` the first line is the password, with `--headers-stdin` every (further) line
 * is a header, `Name: value`. At a terminal the password is asked for without showing it.
 * @throws UsageError for an empty password and for what is no header
 */
export async function readSecretInput(
  context: Terminal,
  wanted: { password: boolean; headers: boolean },
): Promise<SecretInput> {
  if (!wanted.password && !wanted.headers) return { password: null, headers: null }
  if (wanted.password && !wanted.headers && canAsk(context)) {
    return { password: await askHidden(context, 'Password: '), headers: null }
  }
  const lines = (await readAll(context.stdin)).split(/\r\n|\n|\r/)
  const password = wanted.password ? passwordOf(lines.shift() ?? '') : null
  if (!wanted.headers && lines.some((line) => line !== '')) {
    throw new UsageError('--password-stdin got more than one line', {
      hint: 'Pipe the password alone: its first line counts, and there must be no other.',
    })
  }
  return { password, headers: wanted.headers ? parseHeaders(lines) : null }
}

function passwordOf(line: string): string {
  if (line === '') {
    throw new UsageError('--password-stdin got an empty password', { hint: 'Pipe it in: printf %s "$PASSWORD" | …' })
  }
  if (/[\u0000-\u001f\u007f]/.test(line)) throw new UsageError('The password on stdin has control characters in it')
  return line
}

/** `Name: value`, one a line; empty lines do not count. Values never appear in messages. */
export function parseHeaders(lines: string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const at = line.indexOf(':')
    const name = line.slice(0, Math.max(0, at)).trim()
    const value = line.slice(at + 1).trim()
    const where = `Line ${index + 1} of the headers`
    if (at < 1 || !HEADER_NAME.test(name)) throw badHeader(`${where} is no header`)
    if (OWN_HEADERS.test(name)) throw badHeader(`${where} sets ${name}, which is not for you to set`)
    if (value === '' || !/^[\t\x20-\x7e\x80-\xff]{1,8192}$/.test(value)) {
      throw badHeader(`The value of ${name} is empty, too long, or has characters that no header can have`)
    }
    if (name.toLowerCase() in headers) throw badHeader(`${name} is there twice`)
    headers[name.toLowerCase()] = value
  }
  const count = Object.keys(headers).length
  if (count === 0) throw badHeader('--headers-stdin got no header')
  if (count > MOST_HEADERS) throw badHeader(`--headers-stdin got more than ${MOST_HEADERS} headers`)
  return headers
}

function badHeader(message: string): UsageError {
  return new UsageError(message, { code: 'bad_header', hint: 'Write one a line: Name: value' })
}

/** All of stdin, as far as it can be something that a person gave. @throws UsageError for more */
export async function readAll(stdin: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin) {
    const buffer = Buffer.from(chunk as Uint8Array | string)
    bytes += buffer.length
    if (bytes > MOST_BYTES) throw new UsageError(`More than ${MOST_BYTES} bytes came on stdin: that is no password`)
    chunks.push(buffer)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  return text.startsWith('\ufeff') ? text.slice(1) : text
}
