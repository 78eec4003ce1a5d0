import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { constants, copyFileSync, existsSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../errors.ts'
import { makeFolder } from '../folders.ts'

/** Name of the systemd credential (`LoadCredential=duplistatus-key:…`), read from `$CREDENTIALS_DIRECTORY`. */
const CREDENTIAL = 'duplistatus-key'
const KEY_FILE = 'duplistatus.key'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1'

/** Seals and opens texts; the key is read (or made) when it is first needed. */
export interface Secrets {
  /** `owner` binds the text to where it belongs, so that a sealed text moved elsewhere does not open. */
  seal(text: string, owner: string): string
  /** @throws UserError `key_changed` when the key is not the one that sealed, `secret_damaged` when the text was altered */
  open(sealed: string, owner: string): string
  /** Something to tell the person, such as a key file that others can read; null when all is well. */
  warning(): string | null
}

export interface SecretOptions {
  env: NodeJS.ProcessEnv
  /** The folder of the settings file: the key file lies beside it. */
  configDir: string
}

/** AES-256-GCM with a key from `DUPLISTATUS_KEY`, a systemd credential, or a file of mode 0600 that is made when first needed. */
export function openSecrets(options: SecretOptions): Secrets {
  let key: Buffer | null = null
  const existing = (): Buffer => (key ??= readKey(options) ?? missing(options))
  return {
    seal(text, owner) {
      key ??= readKey(options) ?? makeKey(options)
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      cipher.setAAD(Buffer.from(owner, 'utf8'))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return [VERSION, fingerprint(key), Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')].join(':')
    },
    open(sealed, owner) {
      const [version, print, body] = sealed.split(':')
      if (version !== VERSION || !print || !body) throw damaged()
      const opener = existing()
      if (print !== fingerprint(opener)) throw changed(options)
      return decrypt(opener, Buffer.from(body, 'base64'), owner)
    },
    warning: () => keyFileWarning(options),
  }
}

function decrypt(key: Buffer, bytes: Buffer, owner: string): string {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(owner, 'utf8'))
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch {
    throw damaged()
  }
}

/** Tells keys apart without telling anything of them. */
function fingerprint(key: Buffer): string {
  return createHash('sha256').update('duplistatus key fingerprint').update(key).digest('hex').slice(0, 16)
}

function readKey({ env, configDir }: SecretOptions): Buffer | null {
  if (env.DUPLISTATUS_KEY) return decodeKey(env.DUPLISTATUS_KEY, 'DUPLISTATUS_KEY')
  const credential = credentialOf(env)
  if (credential !== null) return decodeKey(readKeyFile(credential), `the systemd credential ${CREDENTIAL}`)
  const file = join(configDir, KEY_FILE)
  return existsSync(file) ? decodeKey(readKeyFile(file), file) : null
}

function credentialOf(env: NodeJS.ProcessEnv): string | null {
  const file = env.CREDENTIALS_DIRECTORY ? join(env.CREDENTIALS_DIRECTORY, CREDENTIAL) : null
  return file !== null && existsSync(file) ? file : null
}

function readKeyFile(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw refused(`The key file ${file} can't be read`, error)
  }
}

function refused(what: string, error: unknown): UserError {
  return new UserError(`${what} (${(error as NodeJS.ErrnoException).code})`, {
    code: 'key_unreadable',
    hint: 'Check the permissions of the file and its folder, or give the key in DUPLISTATUS_KEY.',
    cause: error,
  })
}

/** 32 raw bytes, 64 hexadecimal digits, or base64 of 32 bytes. */
function decodeKey(value: string | Buffer, where: string): Buffer {
  if (Buffer.isBuffer(value) && value.length === KEY_BYTES) return value
  const text = value.toString('utf8').trim()
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')
  if (key.length === KEY_BYTES) return key
  throw new UserError(`The key in ${where} is no key: 32 bytes are needed, as 64 hexadecimal digits or as base64`, {
    code: 'key_invalid',
    hint: 'Make one with: openssl rand -base64 32',
  })
}

/** Made in one step: of two processes that begin at once the second one takes the first one's key, and takes it whole. */
function makeKey(options: SecretOptions): Buffer {
  const file = join(options.configDir, KEY_FILE)
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const key = randomBytes(KEY_BYTES)
  try {
    makeFolder(options.configDir)
    writeFileSync(draft, `${key.toString('base64')}\n`, { flag: 'wx', mode: 0o600, flush: true })
    try {
      putInPlace(draft, file)
      return key
    } finally {
      rmSync(draft, { force: true })
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return readKey(options) ?? missing(options)
    throw refused(`The key file ${file} can't be made`, error)
  }
}

/** @throws EEXIST when the file is there already */
function putInPlace(draft: string, file: string): void {
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    // A file system without links, such as exFAT.
    copyFileSync(draft, file, constants.COPYFILE_EXCL)
  }
}

function keyFileWarning({ env, configDir }: SecretOptions): string | null {
  if (env.DUPLISTATUS_KEY || credentialOf(env) !== null || process.platform === 'win32') return null
  const file = join(configDir, KEY_FILE)
  if (!existsSync(file)) return null
  const mode = statSync(file).mode & 0o777
  return mode & 0o077 ? `${file} can be read by others (mode ${mode.toString(8)}): chmod 600 ${file}` : null
}

function missing({ configDir }: SecretOptions): never {
  throw new UserError(`The key that sealed the stored passwords is gone (${join(configDir, KEY_FILE)})`, {
    code: 'key_changed',
    hint: 'Everything else is intact. Put the key file back, or give each password again: duplistatus server edit NAME --password-stdin',
  })
}

function changed({ configDir, env }: SecretOptions): UserError {
  const where = env.DUPLISTATUS_KEY ? 'DUPLISTATUS_KEY' : (credentialOf(env) ?? join(configDir, KEY_FILE))
  return new UserError(`The stored password was sealed with another key than the one in ${where}`, {
    code: 'key_changed',
    hint: 'Everything else is intact. Put the old key back, or give the password again: duplistatus server edit NAME --password-stdin',
  })
}

function damaged(): UserError {
  return new UserError('A stored password is damaged and cannot be opened', {
    code: 'secret_damaged',
    hint: 'Give it again: duplistatus server edit NAME --password-stdin',
  })
}
