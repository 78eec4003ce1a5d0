import { UserError } from '../../../errors.ts'
import { SMTP_SECURITY, type SmtpConfig } from './config.ts'

/** One mailbox, without a name: enough to keep out what could be taken for several, or for another header. */
const ADDRESS = /^[^\s@<>(),;:\\"[\]\x00-\x1f\x7f]{1,64}@[^\s@<>(),;:\\"[\]\x00-\x1f\x7f]{1,255}$/
const HOST = /^[^\s/@\x00-\x1f]{1,255}$/

/** @throws UserError naming the setting that cannot be right */
export function validateSmtp(config: SmtpConfig): void {
  if (config.problem) throw config.problem
  if (!HOST.test(config.host))
    throw wrong('smtp.host', `${JSON.stringify(config.host)} is no host name`, 'mail.example')
  if (!Number.isInteger(config.port) || config.port < 1 || config.port > 65_535) {
    throw wrong('smtp.port', `${config.port} is no port`, '587')
  }
  if (!SMTP_SECURITY.includes(config.security)) {
    throw wrong(
      'smtp.security',
      `${JSON.stringify(config.security)} is none of ${SMTP_SECURITY.join(', ')}`,
      'starttls',
    )
  }
  for (const address of config.to) {
    if (!isAddress(address))
      throw wrong('smtp.to', `${JSON.stringify(address)} is no e-mail address`, 'me@mail.example')
  }
  if (config.user !== null && config.password === null) {
    throw new UserError('smtp.password: it is not set, though smtp.user is', {
      code: 'bad_setting',
      hint: 'duplistatus config set smtp.password, or, for a server without login: duplistatus config unset smtp.user',
    })
  }
  senderOf(config)
}

/** Whose the messages are: `smtp.from`, else the user where that is an address. @throws UserError where there is neither */
export function senderOf({ from, user }: Pick<SmtpConfig, 'from' | 'user'>): string {
  if (from !== null && !isAddress(from)) {
    throw wrong('smtp.from', `${JSON.stringify(from)} is no e-mail address`, 'duplistatus@mail.example')
  }
  const sender = from ?? user
  if (sender !== null && isAddress(sender)) return sender
  throw wrong(
    'smtp.from',
    'it is not set, and smtp.user is no e-mail address that could stand in its place',
    'duplistatus@mail.example',
  )
}

export function isAddress(text: string): boolean {
  return ADDRESS.test(text)
}

function wrong(key: string, why: string, example: string): UserError {
  return new UserError(`${key}: ${why}`, {
    code: 'bad_setting',
    hint: `Such as: duplistatus config set ${key} ${example}`,
  })
}
