import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import ConfigEdit from '../../commands/config/edit.ts'
import ConfigGet from '../../commands/config/get.ts'
import ConfigList from '../../commands/config/list.ts'
import ConfigPath from '../../commands/config/path.ts'
import ConfigSet from '../../commands/config/set.ts'
import ConfigUnset from '../../commands/config/unset.ts'
import Status from '../../commands/status.ts'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { loadConfig } from '../../src/settings/config.ts'
import { SETTING_KEYS } from '../../src/settings/schema.ts'
import { type RunOptions, runCommand } from '../support/run-command.ts'
import { temporaryFolder } from '../support/store.ts'

const SECRET = 'pw-Grep-Me-9'

function home(content?: unknown) {
  const path = temporaryFolder()
  const file = join(path, '.config/duplistatus/config.json')
  if (content !== undefined) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
  return {
    path,
    file,
    read: () => JSON.parse(readFileSync(file, 'utf8')),
    config: (env = {}) => loadConfig({ configFile: file, env }),
    run: (command: Parameters<typeof runCommand>[0], argv: string[], options: RunOptions = {}) =>
      runCommand(command, argv, { ...options, env: { HOME: path, ...options.env } }),
  }
}

describe('config set', () => {
  it('stores what is right, nested, for the owner alone', async () => {
    const at = home()
    expect(await at.run(ConfigSet, ['smtp.host', ' mail.example '])).toEqual({
      stdout: 'Set smtp.host to mail.example\n',
      stderr: '',
      exitCode: 0,
    })
    await at.run(ConfigSet, ['smtp.port', '465'])
    await at.run(ConfigSet, ['collect.schedule', 'off'])
    await at.run(ConfigSet, ['overdue.tolerance', 'none'])
    expect(at.read()).toEqual({
      smtp: { host: 'mail.example', port: 465 },
      collect: { schedule: 'off' },
      overdue: { tolerance: 'none' },
    })
    if (process.platform !== 'win32') expect(statSync(at.file).mode & 0o777).toBe(0o600)
    expect((await at.run(Status, [])).exitCode).toBe(0)
  })

  it.each([
    ['smtp.port', '99999', 'smtp.port can\'t be "99999": needed is a whole number from 1 to 65535'],
    ['overdue.check', '* * * * * *', 'needed is a cron expression of five fields'],
    ['collect.schedule', '@hourly', 'needed is a cron expression of five fields'],
    ['smtp.security', 'ssl', 'smtp.security can\'t be "ssl": needed is one of plain, starttls, tls'],
    [
      'smtp.to',
      'a@b.example, c',
      'smtp.to can\'t be "a@b.example, c": needed is e-mail addresses, separated by commas',
    ],
    ['overdue.check', '61 * * * *', 'overdue.check can\'t be "61 * * * *": needed is a cron expression of five fields'],
    ['collect.schedule', 'daily', 'or off'],
    ['overdue.reminder', 'yearly', 'needed is one of default, once, daily, weekly, monthly'],
    ['overdue.tolerance', '5m', 'needed is a duration such as 15min, 2h or 1d, or none'],
    ['ntfy.topic', 'a b', 'needed is letters, digits, - and _, at most 64'],
    ['smtp.host', '', 'needed is a host name'],
    ['timeZone', 'Mars/Base', 'needed is a time zone such as'],
  ])('refuses %s %j, naming what is right', async (key, value, words) => {
    const at = home()
    const ran = await at.run(ConfigSet, [key, value])
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' })
    expect(ran.stderr).toContain(words)
    expect(ran.stderr).toContain(`duplistatus config set ${key}`)
    expect(existsSync(at.file)).toBe(false)
  })

  it('names the keys that were meant', async () => {
    const at = home()
    const ran = await at.run(ConfigSet, ['smpt.host', 'x'])
    expect(ran).toMatchObject({
      exitCode: 2,
      stderr: 'Error: There is no setting "smpt.host"\nTry:   Did you mean smtp.host?\n',
    })
    expect((await at.run(ConfigGet, ['constructor', '--json'])).stdout).toContain('"unknown_setting"')
  })

  it('says that a variable of the environment wins', async () => {
    const at = home()
    const ran = await at.run(ConfigSet, ['locale', 'de'], { env: { DUPLISTATUS_LOCALE: 'fr' } })
    expect(ran.stderr).toBe('Warning: DUPLISTATUS_LOCALE is set and wins over it\n')
    expect(at.read()).toEqual({ locale: 'de' })
  })
})

describe('a secret', () => {
  it('comes by stdin, is sealed, and is never shown', async () => {
    const at = home()
    const set = await at.run(ConfigSet, ['smtp.password', '--stdin'], { input: `${SECRET}\n` })
    expect(set).toEqual({ stdout: 'Set smtp.password\n', stderr: '', exitCode: 0 })
    await at.run(ConfigSet, ['ntfy.token'], { input: `tk_${SECRET}` })
    expect(at.config().secret('smtp.password')).toBe(SECRET)
    expect(at.config().secret('ntfy.token')).toBe(`tk_${SECRET}`)
    expect((await at.run(ConfigGet, ['smtp.password'])).stdout).toBe('set\n')
    const shown = await Promise.all(
      [
        [ConfigGet, ['smtp.password', '--json']] as const,
        [ConfigList, []] as const,
        [ConfigList, ['--json']] as const,
        [ConfigSet, ['ntfy.token', '--json']] as const,
      ].map(([command, argv]) => at.run(command, [...argv], { input: SECRET })),
    )
    const everything = shown.map(({ stdout, stderr }) => stdout + stderr).join('')
    const files = readdirSync(dirname(at.file)).map((name) => readFileSync(join(dirname(at.file), name), 'latin1'))
    expect(everything + files.join('')).not.toContain('Grep-Me')
  })

  it('is asked for at a terminal, without being shown', async () => {
    const at = home()
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
    const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true })]
    stdin.write(`${SECRET}\r`)
    BaseCommand.io = {
      stdin: stdin as unknown as NodeJS.ReadStream,
      stdout: stdout as unknown as NodeJS.WriteStream,
      stderr: stderr as unknown as NodeJS.WriteStream,
      env: { HOME: at.path },
      now: () => new Date(),
    }
    try {
      await ConfigSet.run(['smtp.password'], { root: join(import.meta.dirname, '../..') })
    } finally {
      BaseCommand.io = null
    }
    expect([String(stdout.read()), String(stderr.read())]).toEqual(['Set smtp.password\n', 'smtp.password: \n'])
    expect(at.config().secret('smtp.password')).toBe(SECRET)
  })

  it('is refused as an argument, without being said again', async () => {
    const at = home()
    const ran = await at.run(ConfigSet, ['smtp.password', SECRET])
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' })
    expect(ran.stderr).toMatch(/smtp\.password is secret, and no value is taken as an argument.*\n.*--stdin/)
    expect(ran.stderr).not.toContain('Grep-Me')
    expect((await at.run(ConfigSet, ['smtp.password', SECRET, '--json'])).stdout).not.toContain('Grep-Me')
    expect(existsSync(at.file)).toBe(false)
  })

  it.each([
    ['nothing', '', /Nothing came on stdin/],
    ['two lines', 'a\nb\n', /More than one line/],
    ['control characters', 'a\u0007b', /smtp\.password can't be that/],
  ])('is refused when it is %s', async (_, input, words) => {
    const ran = await home().run(ConfigSet, ['smtp.password'], { input })
    expect(ran.exitCode).toBe(2)
    expect(ran.stderr).toMatch(words)
  })

  it('is all that a changed key costs, and each command says so', async () => {
    const at = home()
    await at.run(ConfigSet, ['smtp.host', 'mail.example'])
    await at.run(ConfigSet, ['smtp.password'], { input: SECRET })
    writeFileSync(join(dirname(at.file), 'duplistatus.key'), Buffer.alloc(32, 7).toString('base64'))
    const list = await at.run(ConfigList, [])
    expect(list.stdout).toMatch(/smtp\.host +mail\.example +file/)
    expect(list.stdout).toMatch(/smtp\.password +✗ set, but not usable/)
    for (const ran of [list, await at.run(ConfigGet, ['smtp.password'])]) {
      expect(ran.exitCode).toBe(0)
      expect(ran.stderr).toMatch(/^Warning: smtp\.password can't be opened\..*config set smtp\.password\n$/)
    }
    await at.run(ConfigSet, ['smtp.password'], { input: 'new' })
    expect(at.config().secret('smtp.password')).toBe('new')
  })
})

describe('config get and unset', () => {
  it('print the value that holds, alone', async () => {
    const at = home({ 'smtp.host': 'mail.example' })
    expect(await at.run(ConfigGet, ['smtp.host'])).toEqual({ stdout: 'mail.example\n', stderr: '', exitCode: 0 })
    expect((await at.run(ConfigGet, ['collect.concurrency'])).stdout).toBe('25\n')
    expect(await at.run(ConfigGet, ['smtp.to'])).toEqual({
      stdout: '',
      stderr: 'smtp.to is not set (default: nobody)\n',
      exitCode: 0,
    })
    expect((await at.run(ConfigGet, ['locale'], { env: { DUPLISTATUS_LOCALE: 'fr' } })).stdout).toBe('fr\n')
    expect((await at.run(ConfigUnset, ['smtp.host'])).stdout).toBe('Unset smtp.host (default: no e-mail)\n')
    expect((await at.run(ConfigUnset, ['smtp.host'])).stdout).toBe('smtp.host was not set (default: no e-mail)\n')
    expect(at.read()).toEqual({})
  })

  it('show the whole of a private address only to who asks for it', async () => {
    const at = home()
    const url = 'https://hc-ping.com/Grep-Me-10'
    expect((await at.run(ConfigSet, ['heartbeat.url', url])).stdout).toBe(
      'Set heartbeat.url to https://hc-ping.com/…\n',
    )
    expect((await at.run(ConfigGet, ['heartbeat.url'])).stdout).toBe(`${url}\n`)
    const { setting } = JSON.parse((await at.run(ConfigGet, ['heartbeat.url', '--json'])).stdout)
    expect(setting.value).toBe(url)
    expect((await at.run(ConfigList, ['--json'])).stdout).toContain('"https://hc-ping.com/…"')
    expect((await at.run(ConfigList, [])).stdout).not.toContain('Grep-Me')
  })
})

describe('config list', () => {
  it('has every key, in a pipe and on a terminal', async () => {
    const at = home({ smtp: { host: 'mail.example' }, locale: 'de', smtpp: {}, ntfy: { topik: 'x' } })
    const piped = await at.run(ConfigList, [])
    expect(piped.stderr).toBe(`Warning: ${at.file} has keys that are no settings: smtpp, ntfy.topik\n`)
    const lines = piped.stdout.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^Key +Value +From +Default +What it is$/)
    expect(lines.slice(1).map((line) => line.split(' ')[0])).toEqual(SETTING_KEYS)
    expect(piped.stdout).toMatch(/\nsmtp\.host +mail\.example +file +no e-mail +mail server\n/)
    expect(piped.stdout).toMatch(/\nsmtp\.password +unset +default +none/)
    for (const columns of [40, 80, 120]) {
      const { stdout } = await at.run(ConfigList, [], { columns })
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns)
      if (columns >= 80) expect(stdout).toMatch(/^Key +Value +(?:From +)?What it is\n/)
    }
  })

  it('prints these fields', async () => {
    const at = home({ smtp: { port: 'x' } })
    const list = JSON.parse((await at.run(ConfigList, ['--json'])).stdout)
    expect(Object.keys(list)).toEqual(['schemaVersion', 'file', 'settings', 'unknown'])
    expect(list.settings[0]).toEqual({
      key: 'ntfy.url',
      value: 'https://ntfy.sh',
      default: 'https://ntfy.sh',
      source: 'default',
      isSet: false,
      secret: false,
      problem: null,
      about: 'address of the ntfy server',
    })
    expect(list.settings.find(({ key }: { key: string }) => key === 'smtp.port')).toMatchObject({
      value: 'x',
      problem: 'smtp.port can\'t be "x": needed is a whole number from 1 to 65535',
    })
  })
})

describe('config path and edit', () => {
  /** A script in place of an editor: it writes `text`, or does `line`. */
  function editor(at: ReturnType<typeof home>, line: string): RunOptions {
    const path = join(at.path, 'my editor.sh')
    writeFileSync(path, `#!/bin/sh\n${line}\n`)
    chmodSync(path, 0o755)
    return { env: { EDITOR: `'${path}' --wait`, PATH: process.env.PATH } }
  }
  const put = (text: string) => `printf %s '${text}' > "$2"`
  const drafts = (at: ReturnType<typeof home>) =>
    readdirSync(dirname(at.file)).filter((name) => /\.[0-9a-f]{8}\./.test(name))

  it('name the file', async () => {
    const at = home()
    expect(await at.run(ConfigPath, [])).toMatchObject({ stdout: `${at.file}\n`, exitCode: 0 })
    expect(JSON.parse((await at.run(ConfigPath, ['--json'])).stdout)).toEqual({
      schemaVersion: 1,
      file: at.file,
      exists: false,
    })
  })

  it('say where no draft can be written', async () => {
    const at = home({})
    const ran = await at.run(ConfigEdit, ['--config', join(at.file, 'config.json')], { env: { EDITOR: 'true' } })
    expect(ran).toMatchObject({ stdout: '', exitCode: 1 })
    expect(ran.stderr).toContain("can't be written (EEXIST)")
  })

  it.skipIf(process.platform === 'win32')('put what was edited in place when it is right', async () => {
    const at = home()
    const edited = await at.run(ConfigEdit, [], editor(at, put('{ "locale":"de" }')))
    expect(edited).toMatchObject({ stdout: `Changed ${at.file}\n`, exitCode: 0 })
    expect(readFileSync(at.file, 'utf8')).toBe('{ "locale":"de" }')
    expect(await at.run(ConfigEdit, [], editor(at, 'true'))).toMatchObject({ stdout: 'Nothing was changed\n' })
    expect(drafts(at)).toEqual([])
  })

  it.skipIf(process.platform === 'win32').each([
    ['{"smtp":{"port":0},"overdue.check":"61 * * * *"}', /smtp\.port can't be 0.*overdue\.check can't be/],
    ['{"locale": ', /JSON/],
    ['{"smtp":{"password":"plain"}}', /smtp\.password is not encrypted/],
  ])('keep the old settings and the text where it is wrong: %s', async (text, words) => {
    const at = home({ locale: 'de' })
    const ran = await at.run(ConfigEdit, [], editor(at, put(text)))
    expect(ran).toMatchObject({ stdout: '', exitCode: 1 })
    expect(ran.stderr).toMatch(words)
    expect(at.read()).toEqual({ locale: 'de' })
    const [draft = ''] = drafts(at)
    expect(ran.stderr).toContain(draft)
    expect(readFileSync(join(dirname(at.file), draft), 'utf8')).toBe(text)
  })

  it.skipIf(process.platform === 'win32')('mend a file that no other command can read', async () => {
    const at = home('{"timeZone": ')
    expect((await at.run(Status, [])).exitCode).toBe(1)
    expect((await at.run(ConfigList, [])).exitCode).toBe(1)
    expect((await at.run(ConfigPath, [])).exitCode).toBe(0)
    expect((await at.run(ConfigEdit, [], editor(at, put('{}')))).exitCode).toBe(0)
    expect((await at.run(Status, [])).exitCode).toBe(0)
  })

  it('say when a setting that every command needs is wrong, and let it be set right', async () => {
    const at = home({ timeZone: 'Mars/Base' })
    const ran = await at.run(Status, [])
    expect(ran).toMatchObject({ exitCode: 2 })
    expect(ran.stderr).toContain('timeZone "Mars/Base" is no time zone')
    expect((await at.run(ConfigSet, ['timeZone', 'UTC'])).exitCode).toBe(0)
    expect((await at.run(Status, [])).exitCode).toBe(0)
  })

  it.skipIf(process.platform === 'win32')('leave all as it is when the editor fails', async () => {
    const at = home({ locale: 'de' })
    const ran = await at.run(ConfigEdit, [], editor(at, 'exit 3'))
    expect(ran).toMatchObject({ exitCode: 1, stdout: '' })
    expect(ran.stderr).toContain('ended with 3')
    expect(drafts(at)).toEqual([])
  })
})
