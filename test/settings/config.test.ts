import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { loadConfig, sealSetting } from '../../src/settings/config.ts'
import { ensureTopic, replaceSettings, setSetting, unsetSetting } from '../../src/settings/config-write.ts'
import { readSettings } from '../../src/settings/reader.ts'
import { SETTING_KEYS } from '../../src/settings/schema.ts'
import { temporaryFolder } from '../support/store.ts'

function placeWith(content?: unknown) {
  const configFile = join(temporaryFolder(), 'sub', 'config.json')
  const place = { configFile, env: {} as NodeJS.ProcessEnv }
  if (content === undefined) return place
  mkdirSync(join(configFile, '..'), { recursive: true })
  writeFileSync(configFile, typeof content === 'string' ? content : JSON.stringify(content))
  return place
}

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

describe('loadConfig', () => {
  it('has a value for every key without a file', () => {
    const { values, toleranceSeconds, secret } = loadConfig(placeWith())
    expect(values).toEqual({
      'ntfy.url': 'https://ntfy.sh',
      'ntfy.topic': null,
      'ntfy.token': null,
      'smtp.host': null,
      'smtp.port': null,
      'smtp.security': 'starttls',
      'smtp.user': null,
      'smtp.password': null,
      'smtp.from': null,
      'smtp.senderName': 'duplistatus',
      'smtp.to': null,
      'overdue.tolerance': '1h',
      'overdue.check': '*/5 * * * *',
      'overdue.reminder': 'default',
      'collect.schedule': '0 */6 * * *',
      'collect.concurrency': 25,
      'alerts.stormLimit': 10,
      'heartbeat.url': null,
      locale: null,
      timeZone: null,
      language: null,
    })
    expect(Object.keys(values)).toEqual(SETTING_KEYS)
    expect(toleranceSeconds).toBe(3600)
    expect(secret('smtp.password')).toBe(null)
  })

  it('reads nested and dotted keys alike, dotted first', () => {
    const { values } = loadConfig(
      placeWith({ smtp: { host: 'a.example', port: 25 }, 'smtp.host': 'b.example', overdue: { tolerance: 'none' } }),
    )
    expect(values).toMatchObject({ 'smtp.host': 'b.example', 'smtp.port': 25, 'overdue.tolerance': 'none' })
    expect(loadConfig(placeWith({ 'overdue.tolerance': 'none' })).toleranceSeconds).toBe(0)
  })

  it('lets the environment win where it always did', () => {
    const place = placeWith({ locale: 'de', timeZone: 'UTC' })
    const config = loadConfig({ ...place, env: { DUPLISTATUS_TZ: 'Asia/Kolkata' } })
    expect(config.values).toMatchObject({ locale: 'de', timeZone: 'Asia/Kolkata' })
  })

  it.each([
    [{ smtp: { port: '587' } }, 'smtp.port can\'t be "587": needed is a whole number from 1 to 65535'],
    [{ smtp: { port: 0 } }, /smtp\.port can't be 0/],
    [{ 'smtp.security': 'ssl' }, /smtp\.security can't be "ssl": needed is one of plain, starttls, tls/],
    [{ 'smtp.to': 'a@b.example, nobody' }, /smtp\.to can't be/],
    [{ 'smtp.from': 'Me <a@b.example>' }, /smtp\.from can't be .*one e-mail address, without a name/],
    [{ 'smtp.senderName': 'a\r\nBcc: x@y.example' }, /smtp\.senderName can't be/],
    [{ 'smtp.host': 'mail.example:587' }, /smtp\.host can't be .*without a port/],
    [{ 'ntfy.url': 'ftp://x' }, /ntfy\.url can't be/],
    [{ 'ntfy.url': 'https://u:p@ntfy.sh' }, /ntfy\.url can't be/],
    [{ 'ntfy.topic': 'a/b' }, /ntfy\.topic can't be/],
    [{ 'overdue.tolerance': '5m' }, /overdue\.tolerance can't be "5m": needed is a duration/],
    [{ 'overdue.check': 'often' }, /overdue\.check can't be "often": needed is a cron expression/],
    [{ 'overdue.check': 'off' }, /overdue\.check can't be "off"/],
    [{ 'collect.concurrency': 501 }, /collect\.concurrency can't be 501/],
    [{ timeZone: 'Mars/Base' }, /timeZone can't be "Mars\/Base"/],
    [{ locale: '!' }, /locale can't be "!"/],
    [{ language: 'it' }, /language can't be "it": needed is one of en, de/],
    [{ 'smtp.host': {} }, /smtp\.host can't be \{\}/],
  ])('refuses a wrong value in words: %j', (content, words) => {
    const place = placeWith(content)
    const load = () => loadConfig(place)
    expect(load).toThrow(UserError)
    expect(load).toThrow(place.configFile)
    expect(load).toThrow(words)
  })

  it('does not say what may be secret', () => {
    const load = (content: object) => () => loadConfig(placeWith(content))
    expect(load({ 'heartbeat.url': 'Grep-Me-1' })).toThrow(/^(?!.*Grep-Me).*heartbeat\.url can't be that/)
    expect(load({ smtp: { password: 'Grep-Me-2' } })).toThrow(/^(?!.*Grep-Me).*smtp\.password is not encrypted/)
  })
})

describe('secrets in the settings file', () => {
  it('are sealed, bound to their key, and opened when asked for', async () => {
    const place = placeWith()
    await setSetting(place.configFile, 'smtp.password', sealSetting('Grep-Me-3', 'smtp.password', place))
    const text = readFileSync(place.configFile, 'utf8')
    expect(text).not.toContain('Grep-Me')
    expect(loadConfig(place).secret('smtp.password')).toBe('Grep-Me-3')
    const sealed = read(place.configFile).smtp.password
    writeFileSync(place.configFile, JSON.stringify({ ntfy: { token: sealed } }))
    expect(() => loadConfig(place).secret('ntfy.token')).toThrow(/ntfy\.token can't be opened/)
  })

  it('are all that a lost or changed key costs', async () => {
    const place = placeWith()
    await setSetting(place.configFile, 'smtp.host', 'mail.example')
    await setSetting(place.configFile, 'smtp.password', sealSetting('Grep-Me-4', 'smtp.password', place))
    writeFileSync(join(place.configFile, '../duplistatus.key'), Buffer.alloc(32, 7).toString('base64'))
    const config = loadConfig(place)
    expect(config.values['smtp.host']).toBe('mail.example')
    expect(() => config.secret('smtp.password')).toThrow(
      expect.objectContaining({
        code: 'key_changed',
        hint: expect.stringContaining('duplistatus config set smtp.password'),
      }),
    )
  })
})

describe('writing the settings file', () => {
  it('nests dotted keys, keeps what others wrote, and is readable for the owner alone', async () => {
    const { configFile } = placeWith({ 'smtp.host': 'a.example', smtp: 'nonsense', mine: [1] })
    await setSetting(configFile, 'smtp.host', 'b.example')
    await setSetting(configFile, 'collect.concurrency', 5)
    expect(read(configFile)).toEqual({ smtp: { host: 'b.example' }, mine: [1], collect: { concurrency: 5 } })
    expect(readSettings(configFile)).toEqual({ 'collect.concurrency': 5 })
    if (process.platform !== 'win32') expect(statSync(configFile).mode & 0o777).toBe(0o600)
  })

  it('makes folder and file', async () => {
    const { configFile } = placeWith()
    await setSetting(configFile, 'locale', 'de')
    expect(readFileSync(configFile, 'utf8')).toBe('{\n  "locale": "de"\n}\n')
    if (process.platform !== 'win32') expect(statSync(join(configFile, '..')).mode & 0o777).toBe(0o700)
  })

  it('reads a byte order mark and follows links', async () => {
    const { configFile } = placeWith('\uFEFF{"locale":"de"}')
    const link = join(configFile, '../link.json')
    symlinkSync(configFile, link)
    await setSetting(link, 'language', 'fr')
    expect(read(configFile)).toEqual({ locale: 'de', language: 'fr' })
  })

  it('unsets both forms and leaves no empty group', async () => {
    const { configFile } = placeWith({ 'smtp.host': 'a', smtp: { host: 'b' }, locale: 'de' })
    expect(await unsetSetting(configFile, 'smtp.host')).toBe(true)
    expect(read(configFile)).toEqual({ locale: 'de' })
    expect(await unsetSetting(configFile, 'smtp.host')).toBe(false)
  })

  it('loses no change of those who write at once', async () => {
    const { configFile } = placeWith({})
    await Promise.all([
      setSetting(configFile, 'smtp.host', 'a.example'),
      setSetting(configFile, 'smtp.port', 25),
      setSetting(configFile, 'locale', 'de'),
      setSetting(configFile, 'smtp.user', 'me'),
    ])
    expect(read(configFile)).toEqual({ smtp: { host: 'a.example', port: 25, user: 'me' }, locale: 'de' })
  })

  it('makes one topic for all who need it', async () => {
    const { configFile } = placeWith()
    let made = 0
    const make = () => `duplistatus-${++made}`
    const topics = await Promise.all([ensureTopic(configFile, make), ensureTopic(configFile, make)])
    expect(new Set(topics).size).toBe(1)
    expect(await ensureTopic(configFile, make)).toBe(topics[0])
    expect(read(configFile)).toEqual({ ntfy: { topic: topics[0] } })
  })

  it('does not wait for a process that was killed over it', async () => {
    const { configFile } = placeWith({})
    writeFileSync(`${configFile}.lock`, '1')
    const longAgo = Date.now() / 1000 - 60
    utimesSync(`${configFile}.lock`, longAgo, longAgo)
    await setSetting(configFile, 'locale', 'de')
    expect(read(configFile)).toEqual({ locale: 'de' })
    expect(readdirSync(join(configFile, '..'))).toEqual(['config.json'])
  })

  it('says when the file can not be written, or is broken', async () => {
    const { configFile } = placeWith('{"locale": ')
    await expect(setSetting(configFile, 'locale', 'de')).rejects.toThrow(/can't be read/)
    expect(readFileSync(configFile, 'utf8')).toBe('{"locale": ')
    const inFile = join(configFile, 'config.json')
    await expect(setSetting(inFile, 'locale', 'de')).rejects.toMatchObject({ code: 'settings_refused' })
  })

  it('replaces the whole only where nobody else changed it', async () => {
    const { configFile } = placeWith('{"locale": ')
    const draft = `${configFile}.draft`
    writeFileSync(draft, '{ "locale":"fr" }')
    await replaceSettings(configFile, draft, '{"locale": ')
    expect(readFileSync(configFile, 'utf8')).toBe('{ "locale":"fr" }')
    if (process.platform !== 'win32') expect(statSync(configFile).mode & 0o777).toBe(0o600)
    writeFileSync(draft, '{}')
    await expect(replaceSettings(configFile, draft, '{}')).rejects.toMatchObject({ code: 'settings_changed' })
    expect(read(configFile)).toEqual({ locale: 'fr' })
  })
})
