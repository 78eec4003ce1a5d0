import type { UserError } from '../../../errors.ts'

/** `plain`: without TLS; `starttls`: TLS after the greeting, or nothing is sent; `tls`: TLS from the first byte. */
export const SMTP_SECURITY = ['plain', 'starttls', 'tls'] as const
export type SmtpSecurity = (typeof SMTP_SECURITY)[number]

export interface SmtpConfig {
  host: string
  port: number
  security: SmtpSecurity
  /** Null: without login. */
  user: string | null
  password: string | null
  /** Address; null: the user. */
  from: string | null
  /** Shown beside the address; null: `duplistatus`. */
  senderName: string | null
  /** Standard recipients. */
  to: string[]
  /** Why the secret that is set cannot be opened. */
  problem?: UserError | null
  /** PEM certificates that are trusted beside the system's. */
  trusted?: string[]
  /** Milliseconds for one message, whatever the server does (60,000); a quarter of it for each step. */
  timeout?: number
}

/** The ports that servers listen on, by RFC 8314 and habit. */
export const DEFAULT_PORTS: Readonly<Record<SmtpSecurity, number>> = { plain: 25, starttls: 587, tls: 465 }

/** Addresses of a list as people write it: separated by commas or semicolons. */
export function addressesOf(list: string): string[] {
  return list
    .split(/[,;]/)
    .map((address) => address.trim())
    .filter((address) => address !== '')
}
