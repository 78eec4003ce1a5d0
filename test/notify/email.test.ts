import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildMail } from '../../src/notify/channels/email/build.ts'
import type { SmtpConfig } from '../../src/notify/channels/email/config.ts'
import { email } from '../../src/notify/channels/email/index.ts'
import { isAddress, validateSmtp } from '../../src/notify/channels/email/validate.ts'
import type { Message, SendResult } from '../../src/notify/types.ts'
import { configOf, message, T0 } from '../support/notify.ts'
import { closedPort } from '../support/ntfy-server.ts'
import { AUTHORITY, headersOf, mailServer } from '../support/smtp-server.ts'

const ME = 'me@mail.example'
const CONFIG: SmtpConfig = {
  host: '127.0.0.1',
  port: 25,
  security: 'plain',
  user: null,
  password: null,
  from: 'duplistatus@mail.example',
  senderName: null,
  to: [ME],
}

async function send(config: Partial<SmtpConfig>, given = message(), recipients = [ME]): Promise<SendResult[]> {
  const sender = await email.open({ ...configOf({}), email: { ...CONFIG, ...config } })
  if (sender === null) throw new Error('not set up')
  try {
    const results: SendResult[] = []
    for (const recipient of recipients) results.push(await sender.send(given, recipient))
    return results
  } finally {
    await sender.close()
  }
}

/** A server that says what it is told to say, and nothing else. */
async function rawServer(greet: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    greet(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as { port: number }).port
}

describe('the e-mail channel (T40)', () => {
  it('sends without TLS and login, as text and HTML', async () => {
    const server = await mailServer()
    expect(await send({ port: server.port })).toEqual([{ ok: true }])
    const [mail] = server.received
    expect(mail).toMatchObject({ from: 'duplistatus@mail.example', to: [ME], user: null, secure: false })
    const headers = headersOf(mail!)
    expect(headers).toMatchObject({
      from: 'duplistatus <duplistatus@mail.example>',
      to: ME,
      subject: 'Documents on Cellar: Warning',
      date: 'Tue, 24 Nov 2026 03:00:00 +0000',
      'auto-submitted': 'auto-generated',
      'x-priority': '1 (Highest)',
    })
    expect(mail!.source).toContain('Content-Type: text/plain')
    expect(mail!.source).toContain('Content-Type: text/html')
  })

  it('sends by STARTTLS with a login', async () => {
    const login = { user: 'me@mail.example', password: 'pä55 wörd' }
    const server = await mailServer({ certificate: 'verified', login })
    const result = await send({
      port: server.port,
      security: 'starttls',
      ...login,
      host: 'localhost',
      trusted: [AUTHORITY],
    })
    expect(result).toEqual([{ ok: true }])
    expect(server.received[0]).toMatchObject({ user: 'me@mail.example', secure: true })
  })

  it('sends by TLS from the first byte', async () => {
    const login = { user: 'someone', password: 'secret' }
    const server = await mailServer({ certificate: 'verified', secure: true, login })
    expect(
      await send({ port: server.port, security: 'tls', ...login, host: 'localhost', trusted: [AUTHORITY] }),
    ).toEqual([{ ok: true }])
    expect(server.received[0]).toMatchObject({ user: 'someone', secure: true })
  })

  it('logs in without TLS only where somebody chose that', async () => {
    const login = { user: 'someone', password: 'secret' }
    const server = await mailServer({ login })
    expect(await send({ port: server.port, ...login })).toEqual([{ ok: true }])
    expect(server.received[0]).toMatchObject({ user: 'someone', secure: false })
  })

  it('gives each recipient a message of its own, on one connection', async () => {
    const server = await mailServer()
    const recipients = ['a@mail.example', 'b@mail.example', 'c@mail.example']
    expect(await send({ port: server.port }, message(), recipients)).toEqual([{ ok: true }, { ok: true }, { ok: true }])
    expect(server.received.map(({ to }) => to)).toEqual([['a@mail.example'], ['b@mail.example'], ['c@mail.example']])
    expect(server.connections).toBe(1)
    for (const { source } of server.received) expect(source.match(/[abc]@mail\.example/g)).toHaveLength(1)
  })

  it('comes from the user where no sender is set', async () => {
    const login = { user: 'me@mail.example', password: 'secret' }
    const server = await mailServer({ login })
    await send({ port: server.port, ...login, from: null, senderName: 'Backups, “home”' })
    expect(server.received[0]?.from).toBe('me@mail.example')
    expect(headersOf(server.received[0]!).from).toContain('<me@mail.example>')
  })

  it('has one Message-ID for each event and recipient, at every attempt', async () => {
    const server = await mailServer()
    await send({ port: server.port }, message(), ['a@mail.example', 'b@mail.example', 'a@mail.example'])
    await send({ port: server.port }, message({ key: 'run:2' }), ['a@mail.example'])
    const [first, second, again, other] = server.received.map((mail) => headersOf(mail)['message-id'])
    expect(first).toMatch(/^<[0-9a-f]{32}@mail\.example>$/)
    expect(again).toBe(first)
    expect(new Set([first, second, other]).size).toBe(3)
  })

  it('tells of a wrong login, and tries it once', async () => {
    const login = { user: 'me@mail.example', password: 'right' }
    const server = await mailServer({ login })
    const [result] = await send({ port: server.port, ...login, password: 'wrong-one' })
    expect(result).toMatchObject({ ok: false, code: 'wrong_login', scope: 'channel', retryable: true })
    expect(result).toMatchObject({
      message: expect.stringContaining(`127.0.0.1:${server.port} refuses the login of me@mail`),
    })
    expect(JSON.stringify(result)).not.toContain('wrong-one')
    expect(server.logins).toBe(1)
  })

  it('tells of a server that wants a login', async () => {
    const server = await mailServer({ login: { user: 'x', password: 'y' } })
    expect(await send({ port: server.port })).toMatchObject([
      { code: 'login_missing', scope: 'channel', retryable: true },
    ])
  })

  it('sends nothing where STARTTLS is missing', async () => {
    const server = await mailServer({ login: { user: 'me', password: 'secret' } })
    const [result] = await send({ port: server.port, security: 'starttls', user: 'me', password: 'secret' })
    expect(result).toMatchObject({ ok: false, code: 'no_starttls', scope: 'channel' })
    expect(server.logins).toBe(0)
    expect(server.received).toEqual([])
  })

  it.each([
    ['self-signed', 'certificate_unverified', 'starttls'],
    ['expired', 'certificate_expired', 'starttls'],
    ['other-host', 'certificate_other_host', 'tls'],
    ['self-signed', 'certificate_unverified', 'tls'],
  ] as const)('gives no login to a server whose certificate is %s', async (certificate, code, security) => {
    const login = { user: 'me', password: 'secret' }
    const server = await mailServer({ certificate, login, secure: security === 'tls' })
    const [result] = await send({ port: server.port, host: 'localhost', security, ...login, trusted: [AUTHORITY] })
    expect(result).toMatchObject({ ok: false, code, scope: 'channel', retryable: true })
    expect(server.logins).toBe(0)
  })

  it('tells of a refused recipient for ever, or for now', async () => {
    const answers: Record<string, [number, string]> = {
      'gone@mail.example': [550, '5.1.1 No such user'],
      'later@mail.example': [450, '4.2.0 Greylisted'],
    }
    const server = await mailServer({
      onRcptTo({ address }, _session, done) {
        const [responseCode, text] = answers[address] ?? []
        done(responseCode ? Object.assign(new Error(text), { responseCode }) : null)
      },
    })
    const results = await send({ port: server.port }, message(), ['gone@mail.example', 'later@mail.example', ME])
    expect(results).toMatchObject([
      { ok: false, code: 'refused_recipient', retryable: false },
      { ok: false, code: 'refused_recipient', retryable: true, scope: 'destination' },
      { ok: true },
    ])
    expect(results[0]).toMatchObject({ message: expect.stringContaining('gone@mail.example: 550 5.1.1 No such user') })
  })

  it('tells of a refused sender and of a refused message', async () => {
    const refuse = (responseCode: number) => Object.assign(new Error('no'), { responseCode })
    const sender = await mailServer({ onMailFrom: (_address, _session, done) => done(refuse(553)) })
    expect(await send({ port: sender.port })).toMatchObject([{ code: 'refused_sender', scope: 'channel' }])
    for (const [status, code, scope, retryable] of [
      [554, 'refused_message', 'message', false],
      [451, 'server_error', 'unsure', true],
    ] as const) {
      const server = await mailServer({
        onData(stream, _session, done) {
          stream.resume().on('end', () => done(refuse(status)))
        },
      })
      expect(await send({ port: server.port })).toMatchObject([{ code, scope, retryable }])
    }
  })

  it('tells of a server that is not there, and of one that is no mail server', async () => {
    const port = await closedPort()
    expect(await send({ port })).toMatchObject([
      { code: 'refused', message: `127.0.0.1:${port} refuses connections: nothing listens there`, scope: 'channel' },
    ])
    expect(await send({ host: 'no-such-host.invalid' })).toMatchObject([{ code: 'unknown_host', scope: 'channel' }])
    const web = await rawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    expect(await send({ port: web })).toMatchObject([{ ok: false, scope: 'channel', retryable: true }])
    const rude = await rawServer((socket) => socket.destroy())
    expect(await send({ port: rude })).toMatchObject([{ ok: false, scope: 'channel', retryable: true }])
    const full = await rawServer((socket) => socket.end('421 4.3.2 too many \u001b[31mconnections\r\n'))
    const [result] = await send({ port: full })
    expect(result).toMatchObject({ ok: false, scope: 'channel', retryable: true })
    expect(JSON.stringify(result)).not.toContain('\\u001b')
  })

  it('waits for no server for long', async () => {
    const silent = await rawServer(() => {})
    expect(await send({ port: silent, timeout: 400 })).toMatchObject([{ code: 'timed_out', scope: 'channel' }])
    const slow = await mailServer({ onMailFrom: () => {} })
    expect(await send({ port: slow.port, timeout: 400 })).toMatchObject([{ code: 'timed_out', scope: 'channel' }])
    // Each step in time, and never the end.
    const endless = await rawServer((socket) => {
      const timer = setInterval(() => socket.write('220-wait\r\n'), 50)
      socket.on('close', () => clearInterval(timer))
    })
    expect(await send({ port: endless, timeout: 400 })).toMatchObject([{ code: 'timed_out', scope: 'channel' }])
  })

  it('says that TLS begins later on a port that greets in clear', async () => {
    const server = await mailServer()
    expect(await send({ port: server.port, security: 'tls' })).toMatchObject([
      { ok: false, code: 'no_tls', hint: expect.stringContaining('starttls') },
    ])
  })
})

describe('a mail', () => {
  const hostile: Partial<Message> = {
    title: 'Docs\r\nBcc: victim@mail.example\r\n\r\n<b>body</b>',
    text: 'line\u2028two',
    html: '&lt;script&gt;',
  }

  it('lets nothing from outside become a header', async () => {
    const server = await mailServer()
    await send({ port: server.port, senderName: 'Me\r\nX-Evil: yes' }, message(hostile))
    const [mail] = server.received
    const headers = headersOf(mail!)
    expect(headers.subject).toBe('Docs Bcc: victim@mail.example <b>body</b>')
    expect(Object.keys(headers)).not.toContain('bcc')
    expect(Object.keys(headers)).not.toContain('x-evil')
    expect(mail!.to).toEqual([ME])
  })

  it('escapes the title in HTML', () => {
    const { html } = buildMail(message(hostile), ME, CONFIG)
    expect(html).not.toContain('<b>')
    expect(html).toContain('&lt;b&gt;body&lt;/b&gt;')
    expect(html).toContain('<a href="https://nas.example:8200">')
  })

  it('says how much it matters', () => {
    const priorities = [5, 4, 3, 2, 1].map((priority) => buildMail(message({ priority }), ME, CONFIG).priority)
    expect(priorities).toEqual(['high', 'high', 'normal', 'low', 'low'])
    expect(buildMail(message(), ME, CONFIG).date).toEqual(new Date(T0))
  })

  it.each(['me', 'a@b, c@d', 'a@b\r\nRCPT TO:<x@y>', '<a@b>', 'a b@c', '"x" <a@b>', 'a@b;c@d', '@b', 'a@'])(
    'does not go to %j',
    async (recipient) => {
      expect(isAddress(recipient)).toBe(false)
      expect(await send({}, message(), [recipient])).toMatchObject([
        { ok: false, code: 'bad_address', retryable: false },
      ])
    },
  )
})

describe('settings of e-mail', () => {
  it.each([
    ['smtp.host', { host: 'mail example' }],
    ['smtp.port', { port: 0 }],
    ['smtp.port', { port: 70_000 }],
    ['smtp.from', { from: 'Somebody <a@b>' }],
    ['smtp.from', { from: null, user: 'apikey', password: 'x' }],
    ['smtp.to', { to: ['me'] }],
    ['smtp.password', { user: 'me@mail.example' }],
    ['smtp.security', { security: 'ssl' as never }],
  ])('that cannot be right name %s', (key, wrong) => {
    expect(() => validateSmtp({ ...CONFIG, ...wrong })).toThrow(key)
    expect(() => validateSmtp(CONFIG)).not.toThrow()
  })

  it('have the port of their security', () => {
    const port = (security: string) =>
      configOf({}, { 'smtp.host': 'mail.example', 'smtp.security': security }).email?.port
    expect([port('plain'), port('starttls'), port('tls')]).toEqual([25, 587, 465])
  })
})
