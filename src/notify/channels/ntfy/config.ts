import type { UserError } from '../../../errors.ts'

export interface NtfyConfig {
  /** Root of the server, perhaps with a base path. */
  url: string
  /** Of the standard destination; null: only additional topics are served. */
  topic: string | null
  /** Access token; null for none. */
  token: string | null
  /** Why the secret that is set cannot be opened. */
  problem?: UserError | null
  /** PEM certificates that are trusted beside the system's. */
  trusted?: string[]
  /** Milliseconds for one message, whatever the server does (15,000). */
  timeout?: number
}

export const DEFAULT_URL = 'https://ntfy.sh'
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/**
 * A topic that nobody guesses: who knows the name of a topic on a public server can read it.
 * @param random bytes to choose by
 */
export function newTopic(random: (bytes: number) => Uint8Array): string {
  // The 252 smallest of 256 values share out evenly over 36 letters and digits.
  const even = (byte: number) => byte < 252
  const digits: string[] = []
  while (digits.length < 12) {
    for (const byte of random(32)) if (even(byte) && digits.length < 12) digits.push(LETTERS[byte % 36] ?? '')
  }
  return `duplistatus-${digits.join('')}`
}

/** Where a browser or the app finds a topic: the server's address with the topic behind it. */
export function topicUrl({ url }: Pick<NtfyConfig, 'url'>, topic: string): string {
  return `${url.replace(/\/+$/, '')}/${encodeURIComponent(topic)}`
}

/** What the ntfy app subscribes by: `ntfy://host/topic`, with `?secure=false` for plain HTTP. */
export function subscribeUrl(config: Pick<NtfyConfig, 'url'>, topic: string): string {
  const url = new URL(topicUrl(config, topic))
  const plain = url.protocol === 'http:'
  return `ntfy://${url.host}${url.pathname}${plain ? '?secure=false' : ''}`
}
