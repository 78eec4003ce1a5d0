import { UserError } from '../../../errors.ts'
import type { NtfyConfig } from './config.ts'

/** What an ntfy server takes for a topic. */
const TOPIC = /^[-_A-Za-z0-9]{1,64}$/
/** What can stand in a header. */
const TOKEN = /^[\x21-\x7e]{1,512}$/

/** @throws UserError naming the setting that cannot be right */
export function validateNtfy(config: NtfyConfig): void {
  if (config.problem) throw config.problem
  const url = URL.parse(config.url)
  if (url === null || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) {
    throw wrong('ntfy.url', `${JSON.stringify(config.url)} is no address of an ntfy server`, 'https://ntfy.sh')
  }
  if (config.topic !== null && !isTopic(config.topic)) {
    throw wrong('ntfy.topic', `${JSON.stringify(config.topic)} is no topic`, 'duplistatus-a1b2c3')
  }
  if (config.token !== null && !TOKEN.test(config.token)) {
    throw wrong('ntfy.token', 'the token has characters that no token has', 'tk_…')
  }
}

/** Letters, digits, `-` and `_`, at most 64. */
export function isTopic(text: string): boolean {
  return TOPIC.test(text)
}

function wrong(key: string, why: string, example: string): UserError {
  return new UserError(`${key}: ${why}`, {
    code: 'bad_setting',
    hint: `Such as: duplistatus config set ${key} ${example}`,
  })
}
