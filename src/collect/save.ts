import { randomUUID } from 'node:crypto'
import { access, constants, type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { redact } from '../duplicati/redact.ts'
import { UserError } from '../errors.ts'
import { makeFolder } from '../folders.ts'
import type { Recorder } from './collect-server.ts'

export interface SaveOptions {
  dir: string
  /** What the file is named by: the server's name, null while it has none but its machine's. */
  name: string | null
  /** The name where the machine has none either: its address. */
  label: string
  at: Date
  /** Texts that must not be in the file wherever they stand: the password and the values of extra headers. */
  secrets: string[]
  /** Writes JSON that no terminal obeys when somebody looks at the file. */
  toJson(value: unknown): string
}

/** Made where it is missing; said before anything is asked where it cannot be written to. */
export async function prepareFolder(dir: string): Promise<void> {
  try {
    makeFolder(dir)
    await access(dir, constants.W_OK)
  } catch (error) {
    throw new UserError(`Can't save to ${dir}: ${(error as Error).message}`, {
      code: 'save_failed',
      hint: 'Give a folder that you can write to: --save DIR.',
      cause: error,
    })
  }
}

/** Two servers of one name can end in the same second; more than this many are a mistake. */
const MOST_FILES = 1_000

/**
 * Writes what is collected from one server into `DIR/NAME_collected_TIMESTAMP.json`, page by page, so that a long history
 * needs no more memory than a page. The file has mode 0600 and gets its name only when it is complete. Written is what was
 * understood, in the words of `duplicati/model.ts`: destinations are scheme and host only, secrets and credentials in texts are `***`.
 */
export class SaveFile implements Recorder {
  readonly #options: SaveOptions
  #file: FileHandle | null = null
  #part = ''
  #name = ''
  #job: string | null = null
  #rows = 0
  #complete = false

  constructor(options: SaveOptions) {
    this.#options = options
  }

  readonly server: Recorder['server'] = async (info, state, backups, progress) => {
    const { dir, name, label, at } = this.#options
    this.#name = name ?? info.machineName ?? label
    await attempt(dir, async () => makeFolder(dir))
    this.#part = join(dir, `.${fileName(this.#name, at)}.${randomUUID()}.part`)
    this.#file = await attempt(this.#part, () => open(this.#part, 'wx', 0o600))
    const head = this.#text({ schemaVersion: 1, collectedAt: at.toISOString(), server: info, state, progress, backups })
    await this.#write(`${head.slice(0, head.lastIndexOf('\n}'))},\n  "logs": [`)
  }

  readonly rows: Recorder['rows'] = async ({ backupId, name }, rows) => {
    if (this.#job !== backupId) {
      const job = this.#text({ backupId, name })
      await this.#write(`${this.#endOfJob(',')}\n${job.slice(0, job.lastIndexOf('\n}'))},\n  "rows": [`)
      this.#job = backupId
      this.#rows = 0
    }
    const texts = rows.map((row) => `${this.#rows++ === 0 ? '' : ','}\n${this.#text(row)}`)
    await this.#write(texts.join(''))
  }

  readonly notices: Recorder['notices'] = async (notices) => {
    const text = this.#text({ notices })
    await this.#write(`${this.#endOfJob('')}\n  ],${text.slice(1)}\n`)
    this.#complete = true
  }

  /** Gives the file its name; an incomplete one is removed. */
  async close(): Promise<void> {
    if (!this.#file) return
    await this.#file.close()
    this.#file = null
    if (this.#complete) await attempt(this.#options.dir, () => this.#settle())
    else await rm(this.#part, { force: true })
  }

  /** Never over an existing file: `open` with `wx` takes the name, `rename` fills it. */
  async #settle(): Promise<void> {
    const { dir, at } = this.#options
    for (let number = 1; number <= MOST_FILES; number++) {
      const name = join(dir, fileName(this.#name, at, number))
      try {
        await (await open(name, 'wx', 0o600)).close()
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
        throw error
      }
      await rename(this.#part, name)
      return
    }
    throw new UserError(`${dir} is full of files of this name and second`, { code: 'save_failed' })
  }

  #endOfJob(more: string): string {
    return this.#job === null ? '' : `\n]}${more}`
  }

  #text(value: unknown): string {
    const { secrets, toJson } = this.#options
    let text = toJson(redact(value))
    for (const secret of secrets) {
      if (secret !== '') text = text.replaceAll(toJson(secret).slice(1, -1), '***')
    }
    return text
  }

  async #write(text: string): Promise<void> {
    await attempt(this.#part, async () => this.#file?.write(text))
  }
}

/** `nas_collected_20261124T023000Z.json`; letters and digits of every script stay, all else could mean something to a shell. */
export function fileName(label: string, at: Date, number = 1): string {
  const name = label
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/^[._-]+/, '')
  const stamp = at.toISOString().replace(/[-:]|\.\d+/g, '')
  return `${bounded(name) || 'server'}_collected_${stamp}${number === 1 ? '' : `_${number}`}.json`
}

/** File systems allow 255 bytes; the rest is for the time stamp. */
function bounded(name: string): string {
  let kept = ''
  for (const character of name) {
    if (Buffer.byteLength(kept + character) > 120) break
    kept += character
  }
  return kept
}

async function attempt<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`Can't save to ${where}: ${(error as Error).message}`, {
      code: 'save_failed',
      hint: 'Give a folder that you can write to: --save DIR.',
      cause: error,
    })
  }
}
