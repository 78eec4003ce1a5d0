import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import NotifyOpen from '../../commands/notify/open.ts'
import NotifyOutbox from '../../commands/notify/outbox.ts'
import NotifyQr from '../../commands/notify/qr.ts'
import NotifyRetry from '../../commands/notify/retry.ts'
import NotifyTest from '../../commands/notify/test.ts'
import { deliverDue } from '../../src/notify/deliver.ts'
import { sealSetting } from '../../src/settings/config.ts'
import { openStore } from '../../src/store/index.ts'
import { addMessages, configOf, T0, TO_ME, TO_TOPIC } from '../support/notify.ts'
import { answer, closedPort, ntfyServer } from '../support/ntfy-server.ts'
import { type RunOptions, runCommand } from '../support/run-command.ts'
import { mailServer } from '../support/smtp-server.ts'
import { temporaryFolder } from '../support/store.ts'

const NOW = new Date(T0 + 3_600_000)

interface Place {
  file: string
  configFile: string
  run(command: Parameters<typeof runCommand>[0], argv: string[], options?: RunOptions): ReturnType<typeof runCommand>
}

/** A folder with a database and a settings file of its own. */
function place(settings: Record<string, unknown> = {}): Place {
  const folder = temporaryFolder()
  const [file, configFile] = [join(folder, 'duplistatus.db'), join(folder, 'config.json')]
  writeFileSync(configFile, JSON.stringify(settings))
  const env = { DUPLISTATUS_DB: file, DUPLISTATUS_CONFIG: configFile, HOME: folder }
  return {
    file,
    configFile,
    run: (command, argv, options = {}) =>
      runCommand(command, argv, { now: NOW, ...options, env: { ...env, ...options.env } }),
  }
}

/** Messages that were tried at an address at which nothing listens. */
async function withMessages(here: Place, count: number, delivered = true): Promise<void> {
  const store = await openStore({ file: here.file, mode: 'write' })
  await addMessages(store, count, [TO_TOPIC, TO_ME])
  const config = configOf({ ntfy: { url: `http://127.0.0.1:${await closedPort()}` } })
  if (delivered) await deliverDue({ store, config, now: () => new Date(T0 + 60_000), random: () => 0.5 })
  await store.close()
}

describe('notify test', () => {
  it('sends to the standard topic and recipients', async () => {
    const [ntfy, email] = [await ntfyServer(), await mailServer()]
    const here = place({
      'ntfy.url': ntfy.url,
      'ntfy.topic': 'backups',
      'smtp.host': email.host,
      'smtp.port': email.port,
      'smtp.security': 'plain',
      'smtp.from': 'duplistatus@mail.example',
      'smtp.to': 'me@mail.example, you@mail.example',
    })
    expect(await here.run(NotifyTest, [])).toEqual({
      stdout: '✓ ntfy to backups: sent\n✓ email to me@mail.example: sent\n✓ email to you@mail.example: sent\n',
      stderr: '',
      exitCode: 0,
    })
    expect(ntfy.received[0]?.body.title).toBe('duplistatus: a test')
    expect(email.received.map(({ to }) => to[0])).toEqual(['me@mail.example', 'you@mail.example'])
  })

  it('says what failed, as JSON too, and ends with 1', async () => {
    const ntfy = await ntfyServer()
    ntfy.token = 'right'
    const settings = { 'ntfy.url': ntfy.url, 'ntfy.topic': 'backups', language: 'de' }
    const here = place(settings)
    const token = sealSetting('tk_wrong', 'ntfy.token', { configFile: here.configFile, env: {} })
    writeFileSync(here.configFile, JSON.stringify({ ...settings, 'ntfy.token': token }))
    const ran = await here.run(NotifyTest, ['--json'])
    expect(ran).toMatchObject({ stderr: '', exitCode: 1 })
    expect(JSON.parse(ran.stdout)).toEqual({
      schemaVersion: 1,
      results: [
        {
          channel: 'ntfy',
          destination: 'backups',
          ok: false,
          error: {
            code: 'wrong_login',
            message: `${new URL(ntfy.url).host} refuses the access token`,
            hint: 'Set it: duplistatus config set ntfy.token',
          },
        },
      ],
    })
    expect(`${ran.stdout}${ran.stderr}`).not.toContain('tk_wrong')
  })

  it('sends a template with made-up values, in the configured language', async () => {
    const ntfy = await ntfyServer()
    const here = place({ ntfy: { url: ntfy.url, topic: 'backups' }, language: 'de' })
    expect(await here.run(NotifyTest, ['--template', 'overdue'])).toMatchObject({ exitCode: 0 })
    expect(ntfy.received[0]?.body.title).toBe('Documents auf Home NAS (nas): überfällig')
  })

  it('publishes nowhere by itself, and says how to begin', async () => {
    const ran = await place().run(NotifyTest, [])
    expect(ran).toMatchObject({ exitCode: 1, stdout: '' })
    expect(ran.stderr).toContain('neither ntfy.topic nor smtp.to is set')
    expect(ran.stderr).toContain('duplistatus notify qr')
    const email = await place().run(NotifyTest, ['--channel', 'email'])
    expect(email.stderr).toContain('smtp.host is not set')
  })

  it('makes a topic for who asks for ntfy, and ends a pause', async () => {
    const ntfy = await ntfyServer()
    const here = place({ 'ntfy.url': ntfy.url })
    await withMessages(here, 1)
    const ran = await here.run(NotifyTest, ['--channel', 'ntfy'])
    expect(ran.exitCode).toBe(0)
    expect(ran.stderr).toMatch(/ntfy\.topic is duplistatus-[a-z0-9]{12} from now on/)
    expect(ntfy.received[0]?.body.topic).toMatch(/^duplistatus-[a-z0-9]{12}$/)
    const store = await openStore({ file: here.file, mode: 'write' })
    const keys = await store.db.selectFrom('monitor').select('key').where('key', 'like', 'pause:%').execute()
    await store.close()
    expect(keys).toEqual([{ key: 'pause:email' }])
  })

  it('names a secret that cannot be opened, and tests the other channel', async () => {
    const email = await mailServer()
    const here = place({
      'ntfy.topic': 'backups',
      'ntfy.token': 'v1:0000000000000000:AAAA',
      smtp: { host: email.host, port: email.port, security: 'plain', from: 'a@mail.example', to: 'me@mail.example' },
    })
    const ran = await here.run(NotifyTest, [])
    expect(ran.exitCode).toBe(1)
    expect(ran.stdout).toMatch(/ntfy to backups: ntfy\.token can't be opened/)
    expect(ran.stdout).toContain('email to me@mail.example: sent')
  })
})

describe('notify qr and notify open', () => {
  it('show where the topic is', async () => {
    const here = place({ ntfy: { url: 'https://ntfy.example/push', topic: 'backups' } })
    const { stdout } = await here.run(NotifyQr, [])
    expect(stdout).toContain(
      'Topic: https://ntfy.example/push/backups\nIn the Android app: ntfy://ntfy.example/push/backups\n',
    )
    expect(stdout.split('\n').filter((line) => /[▀▄█]/.test(line)).length).toBeGreaterThan(10)
    expect(JSON.parse((await here.run(NotifyQr, ['--json'])).stdout)).toEqual({
      schemaVersion: 1,
      topic: 'backups',
      url: 'https://ntfy.example/push/backups',
      subscribeUrl: 'ntfy://ntfy.example/push/backups',
    })
    expect((await here.run(NotifyOpen, [])).stdout).toBe('https://ntfy.example/push/backups\n')
  })

  it('make a topic once', async () => {
    const here = place()
    const topic = async () => JSON.parse((await here.run(NotifyQr, ['--json'])).stdout).topic
    const first = await topic()
    expect(first).toMatch(/^duplistatus-[a-z0-9]{12}$/)
    expect(await topic()).toBe(first)
  })

  it('name a setting that cannot be right', async () => {
    const ran = await place({ 'ntfy.topic': 'my topic' }).run(NotifyQr, [])
    expect(ran.exitCode).toBe(1)
    expect(ran.stderr).toContain('ntfy.topic')
  })
})

describe('notify outbox', () => {
  it('has the fields that are promised', async () => {
    const here = place()
    await withMessages(here, 1)
    const ran = await here.run(NotifyOutbox, ['--json'])
    expect(ran).toMatchObject({ stderr: '', exitCode: 0 })
    const { schemaVersion, messages, ...rest } = JSON.parse(ran.stdout)
    expect([schemaVersion, rest]).toEqual([1, {}])
    expect(messages).toEqual([
      {
        id: 'm2',
        event: 'run',
        server: null,
        job: null,
        channel: 'email',
        destination: 'me@mail.example',
        state: 'waiting',
        attempts: 0,
        createdAt: '2026-11-24T03:00:00.000Z',
        nextAttemptAt: '2026-11-24T03:01:15.000Z',
        sentAt: null,
        error: 'E-mail is not set up',
      },
      {
        id: 'm1',
        event: 'run',
        server: null,
        job: null,
        channel: 'ntfy',
        destination: 'backups',
        state: 'waiting',
        attempts: 1,
        createdAt: '2026-11-24T03:00:00.000Z',
        nextAttemptAt: '2026-11-24T03:01:15.000Z',
        sentAt: null,
        error: expect.stringMatching(/^127\.0\.0\.1:\d+ refuses connections/),
      },
    ])
  })

  it('is empty without a database, and makes none', async () => {
    const here = place()
    expect(await here.run(NotifyOutbox, ['--json'])).toMatchObject({ stdout: '{"schemaVersion":1,"messages":[]}\n' })
    const ran = await here.run(NotifyOutbox, [], { env: { DUPLISTATUS_DB: '' } })
    expect(ran).toEqual({ stdout: '', stderr: 'No messages.\n', exitCode: 0 })
  })

  it('shows one state, the newest first, and no more than fit', async () => {
    const here = place()
    await withMessages(here, 40, false)
    const ids = async (...argv: string[]) =>
      JSON.parse((await here.run(NotifyOutbox, ['--json', ...argv])).stdout).messages.map(
        ({ id }: { id: string }) => id,
      )
    expect(await ids('--limit', '2')).toEqual(['m80', 'm79'])
    expect(await ids('--state', 'sent')).toEqual([])
    expect(await ids()).toHaveLength(80)
    const wide = await here.run(NotifyOutbox, [], { columns: 80 })
    expect(wide.stdout.split('\n').every((line) => line.length <= 80)).toBe(true)
    expect(wide.stderr).toContain('The newest 50 are shown')
  })
})

describe('notify retry', () => {
  it('sends what failed, at once', async () => {
    const ntfy = await ntfyServer()
    const here = place({ 'ntfy.url': ntfy.url, 'ntfy.topic': 'backups' })
    await withMessages(here, 3)
    const ran = await here.run(NotifyRetry, ['m1', '3', 'm5', '--json'])
    expect(JSON.parse(ran.stdout)).toEqual({ schemaVersion: 1, tried: 3, sent: 3, messages: [] })
    expect(ran.exitCode).toBe(0)
    expect(ntfy.received.map(({ body }) => body.title.split(' on ')[0])).toEqual(['Job 1', 'Job 2', 'Job 3'])
  })

  it.each([[[]], [['--all']]])('says what still fails, and ends with 1: %j', async (argv) => {
    const ntfy = await ntfyServer()
    ntfy.fault = (_request, response) => answer(response, 403, { error: 'forbidden' })
    const here = place({ 'ntfy.url': ntfy.url, 'ntfy.topic': 'backups' })
    await withMessages(here, 1)
    const ran = await here.run(NotifyRetry, argv)
    expect(ran.exitCode).toBe(1)
    expect(ran.stdout).toBe('Sent: 0, not sent: 2\n')
    expect(ran.stderr).toContain('does not let us publish to backups: forbidden')
    expect(ran.stderr).toContain('E-mail is not set up')
  })

  it.each([
    [['m1', '--all'], 2, 'not both'],
    [['x9'], 2, 'is no id of a message'],
    [['m99'], 1, 'None of these messages'],
  ])('refuses %j', async (argv, exitCode, text) => {
    const ran = await place().run(NotifyRetry, argv)
    expect(ran.exitCode).toBe(exitCode)
    expect(ran.stderr).toContain(text)
  })

  it('has nothing to do where nothing waits', async () => {
    expect(await place().run(NotifyRetry, ['--all'])).toEqual({
      stdout: '',
      stderr: 'No message waits or has failed.\n',
      exitCode: 0,
    })
  })
})
