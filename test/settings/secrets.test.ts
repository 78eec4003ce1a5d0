import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { openSecrets } from '../../src/settings/secrets.ts'
import { temporaryFolder } from '../support/store.ts'

const owner = 'server:password'
const secret = 'correct horse — Batterie 🔋'

function failure(work: () => unknown): UserError {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).hint).toBeTruthy()
    expect((error as UserError).message).not.toContain(secret)
    return error as UserError
  }
  throw new Error('it did not fail')
}

describe('a sealed text', () => {
  it('opens again, also in a later process', () => {
    const options = { env: {}, configDir: temporaryFolder() }
    const sealed = openSecrets(options).seal(secret, owner)
    expect(openSecrets(options).open(sealed, owner)).toBe(secret)
    expect(openSecrets(options).open(openSecrets(options).seal('', owner), owner)).toBe('')
  })

  it('tells nothing, and is another one each time', () => {
    const secrets = openSecrets({ env: {}, configDir: temporaryFolder() })
    const sealed = [secrets.seal(secret, owner), secrets.seal(secret, owner)]
    expect(sealed[0]).not.toBe(sealed[1])
    expect(sealed[0]).not.toContain(Buffer.from(secret).toString('base64').slice(0, 12))
  })

  it('does not open for another owner: moved to another server it is worth nothing', () => {
    const secrets = openSecrets({ env: {}, configDir: temporaryFolder() })
    const sealed = secrets.seal(secret, owner)
    expect(failure(() => secrets.open(sealed, 'other:password')).code).toBe('secret_damaged')
    expect(failure(() => secrets.open(sealed, 'server:headers')).code).toBe('secret_damaged')
  })

  it('does not open when a character of it was changed, or it was cut', () => {
    const secrets = openSecrets({ env: {}, configDir: temporaryFolder() })
    const sealed = secrets.seal(secret, owner)
    const start = sealed.lastIndexOf(':') + 1
    for (let i = start; i < sealed.length - 1; i++) {
      const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1)
      // The last digit before padding may hold bits that base64 drops.
      if (Buffer.from(changed.slice(start), 'base64').equals(Buffer.from(sealed.slice(start), 'base64'))) continue
      expect(failure(() => secrets.open(changed, owner)).code).toBe('secret_damaged')
    }
    for (const cut of ['', 'v1', 'v1:', 'v2:0:0', sealed.slice(0, start + 8), sealed.slice(0, -8)])
      expect(failure(() => secrets.open(cut, owner)).code).toBe('secret_damaged')
  })
})

describe('a lost or changed key (T46)', () => {
  it('is told as that, and other texts can be sealed', () => {
    const configDir = temporaryFolder()
    const sealed = openSecrets({ env: {}, configDir }).seal(secret, owner)
    rmSync(join(configDir, 'duplistatus.key'))
    const secrets = openSecrets({ env: {}, configDir })
    const { code, message } = failure(() => secrets.open(sealed, owner))
    expect(code).toBe('key_changed')
    expect(message).toContain(join(configDir, 'duplistatus.key'))
    expect(readdirSync(configDir)).toEqual([])
    const again = secrets.seal('new', owner)
    expect(secrets.open(again, owner)).toBe('new')
    expect(failure(() => secrets.open(sealed, owner)).code).toBe('key_changed')
  })

  it('is told of a key in the environment too', () => {
    const sealed = openSecrets({ env: { DUPLISTATUS_KEY: 'a'.repeat(64) }, configDir: '/nowhere' }).seal(secret, owner)
    const other = openSecrets({ env: { DUPLISTATUS_KEY: 'b'.repeat(64) }, configDir: '/nowhere' })
    const { code, message } = failure(() => other.open(sealed, owner))
    expect(code).toBe('key_changed')
    expect(message).toContain('DUPLISTATUS_KEY')
    expect(message).not.toContain('bbbb')
  })
})

describe('the key', () => {
  const key = randomBytes(32)

  it.each([
    ['64 hexadecimal digits', key.toString('hex')],
    ['them in capitals, with a line break', `${key.toString('hex').toUpperCase()}\n`],
    ['base64', key.toString('base64')],
    ['base64 without padding', key.toString('base64').replace(/=+$/, '')],
    ['base64url', key.toString('base64url')],
  ])('in DUPLISTATUS_KEY may be %s, and makes no file', (_, value) => {
    const configDir = join(temporaryFolder(), 'config')
    const sealed = openSecrets({ env: { DUPLISTATUS_KEY: key.toString('hex') }, configDir }).seal(secret, owner)
    expect(openSecrets({ env: { DUPLISTATUS_KEY: value }, configDir }).open(sealed, owner)).toBe(secret)
    expect(() => statSync(configDir)).toThrow('ENOENT')
  })

  it.each(['hunter2', '00', 'f'.repeat(63), `${'f'.repeat(64)}00`])('is refused where it is none: %s', (value) => {
    const secrets = openSecrets({ env: { DUPLISTATUS_KEY: value }, configDir: temporaryFolder() })
    const { code, message } = failure(() => secrets.seal(secret, owner))
    expect(code).toBe('key_invalid')
    expect(message).not.toContain(value)
  })

  it.each([
    ['raw bytes', key],
    ['text', `${key.toString('base64')}\n`],
  ])('may be a systemd credential: %s', (_, content) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'duplistatus-key'), content)
    const configDir = join(folder, 'config')
    const secrets = openSecrets({ env: { CREDENTIALS_DIRECTORY: folder }, configDir })
    const sealed = secrets.seal(secret, owner)
    expect(openSecrets({ env: { DUPLISTATUS_KEY: key.toString('hex') }, configDir }).open(sealed, owner)).toBe(secret)
    expect(() => statSync(configDir)).toThrow('ENOENT')
  })

  it('is taken from the file where there are credentials, but none of ours', () => {
    const configDir = temporaryFolder()
    const sealed = openSecrets({ env: {}, configDir }).seal(secret, owner)
    const env = { CREDENTIALS_DIRECTORY: temporaryFolder() }
    expect(openSecrets({ env, configDir }).open(sealed, owner)).toBe(secret)
  })

  it.skipIf(process.platform === 'win32')(
    'lies in a file for its owner alone, and others who can read it are told of',
    () => {
      const configDir = join(temporaryFolder(), 'a', 'config')
      const secrets = openSecrets({ env: {}, configDir })
      expect(secrets.warning()).toBeNull()
      secrets.seal(secret, owner)
      const file = join(configDir, 'duplistatus.key')
      expect(readdirSync(configDir)).toEqual(['duplistatus.key'])
      expect(statSync(file).mode & 0o777).toBe(0o600)
      expect(statSync(configDir).mode & 0o777).toBe(0o700)
      expect(secrets.warning()).toBeNull()
      chmodSync(file, 0o644)
      expect(secrets.warning()).toContain(`chmod 600 ${file}`)
      const env = { DUPLISTATUS_KEY: key.toString('hex') }
      expect(openSecrets({ env, configDir }).warning()).toBeNull()
    },
  )

  it('is refused in words where its file is none, or cannot be made or read', () => {
    const configDir = temporaryFolder()
    writeFileSync(join(configDir, 'file'), '')
    const inFile = openSecrets({ env: {}, configDir: join(configDir, 'file') })
    expect(failure(() => inFile.seal(secret, owner)).code).toMatch(/^key_/)
    writeFileSync(join(configDir, 'duplistatus.key'), 'no key\n')
    expect(failure(() => openSecrets({ env: {}, configDir }).seal(secret, owner)).code).toBe('key_invalid')
    rmSync(join(configDir, 'duplistatus.key'))
    mkdirSync(join(configDir, 'duplistatus.key'))
    expect(failure(() => openSecrets({ env: {}, configDir }).seal(secret, owner)).code).toBe('key_unreadable')
  })

  it('is one, though many processes make it at once', async () => {
    const configDir = join(temporaryFolder(), 'config')
    const module = new URL('../../src/settings/secrets.ts', import.meta.url).href
    const script = `import { openSecrets } from ${JSON.stringify(module)}
      process.stdin.once('data', () => {
        process.stdout.write(openSecrets({ env: {}, configDir: process.argv[1] }).seal('s', 'o'))
        process.stdin.destroy()
      })
      process.stderr.write('ready')`
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--input-type=module', '--eval', script, '--', configDir], { stdio: 'pipe' }),
    )
    await Promise.all(children.map((child) => once(child.stderr, 'data')))
    const outputs = children.map((child) => text(child.stdout))
    for (const child of children) child.stdin.end('go')
    const secrets = openSecrets({ env: {}, configDir })
    for (const sealed of await Promise.all(outputs)) expect(secrets.open(sealed, 'o')).toBe('s')
    expect(readdirSync(configDir)).toEqual(['duplistatus.key'])
    expect(Buffer.from(readFileSync(join(configDir, 'duplistatus.key'), 'utf8'), 'base64')).toHaveLength(32)
  })
})
