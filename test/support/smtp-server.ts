import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { onTestFinished } from 'vitest'

export interface ReceivedMail {
  from: string
  to: string[]
  /** The whole message, headers and all. */
  source: string
  user: string | null
  secure: boolean
}

export interface MailServer {
  host: string
  port: number
  /** What was accepted, in the order in which it came. */
  received: ReceivedMail[]
  /** Logins that were tried. */
  logins: number
  connections: number
  close(): Promise<void>
}

const TLS = join(import.meta.dirname, '../fixtures/tls')
export const AUTHORITY = readFileSync(join(TLS, 'authority.crt'), 'utf8')

export interface MailOptions extends SMTPServerOptions {
  /** Name of a certificate in test/fixtures/tls. */
  certificate?: string
  login?: { user: string; password: string }
}

/** A real SMTP server on the loopback interface, without TLS and login unless told otherwise. Closed after the test. */
export async function mailServer({ certificate, login, ...options }: MailOptions = {}): Promise<MailServer> {
  const mail: MailServer = {
    host: '127.0.0.1',
    port: 0,
    received: [],
    logins: 0,
    connections: 0,
    close: async () => {},
  }
  const server = new SMTPServer({
    logger: false,
    disableReverseLookup: true,
    authOptional: login === undefined,
    ...(login === undefined ? { disabledCommands: ['AUTH', ...(certificate ? [] : ['STARTTLS'])] } : {}),
    ...(login !== undefined && !certificate && { disabledCommands: ['STARTTLS'], allowInsecureAuth: true }),
    ...(certificate && {
      key: readFileSync(join(TLS, `${certificate}.key`)),
      cert: readFileSync(join(TLS, `${certificate}.crt`)),
    }),
    onConnect(_session, done) {
      mail.connections++
      done()
    },
    onAuth(auth, _session, done) {
      mail.logins++
      const isRight = auth.username === login?.user && auth.password === login?.password
      done(
        isRight ? null : new Error('Authentication credentials invalid'),
        isRight ? { user: auth.username } : undefined,
      )
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        mail.received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          source: Buffer.concat(chunks).toString('utf8'),
          user: (session.user as unknown as string) ?? null,
          secure: session.secure,
        })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  mail.port = (server.server.address() as { port: number }).port
  mail.close = () => new Promise((resolve) => server.close(resolve))
  onTestFinished(() => mail.close())
  return mail
}

/** The headers of a message, unfolded. */
export function headersOf({ source }: ReceivedMail): Record<string, string> {
  const head = source.slice(0, source.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ')
  return Object.fromEntries(
    head
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
}
