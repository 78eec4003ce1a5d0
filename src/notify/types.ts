import type { ChannelName } from '../fleet/rules.ts'
import type { NotifyConfig } from './config.ts'

/** A message as a person gets it, the same on every channel. Texts are inert: no controls but line feeds in `text`. */
export interface Message {
  /** The same at every attempt, so that a receiver can tell that two are one. */
  key: string
  title: string
  text: string
  /** A fragment, with everything from outside escaped. */
  html: string
  /** ntfy's: 1 (min) to 5 (max). */
  priority: number
  tags: string[]
  /** What opens when the message is touched: an http or https address. */
  click: string | null
  /** Of the event, in milliseconds. */
  at: number
}

/**
 * What a failure stops: everything on the channel, the one destination, or the message alone. `unsure`: the service failed while
 * it had the message, and either may be the cause.
 */
export type Scope = 'channel' | 'unsure' | 'destination' | 'message'

export interface SendFailure {
  ok: false
  /** Stable word: `unreachable`, `wrong_login`, `rate_limited`. */
  code: string
  /** In a user's words: what failed, where, why. Never a secret. */
  message: string
  /** One thing to try. */
  hint: string | null
  /** False: it will fail again, whatever is waited for. */
  retryable: boolean
  /** What the service asked for. */
  retryAfterMs: number | null
  scope: Scope
}

export type SendResult = { ok: true } | SendFailure

/** A channel that is set up, with the connections that it keeps. */
export interface Sender {
  /** Ends by itself within `Channel.longest` milliseconds, and never throws. */
  send(message: Message, destination: string): Promise<SendResult>
  close(): Promise<void>
}

export interface Channel {
  name: ChannelName
  /** Milliseconds after which a sending has ended, one way or another. */
  longest: number
  /** Destinations that are served side by side. */
  concurrency: number
  /** Null where it is not set up. @throws UserError when what is set up cannot be right */
  open(config: NotifyConfig, env?: NodeJS.ProcessEnv): Promise<Sender | null>
}

export type Channels = Readonly<Record<ChannelName, Channel>>
