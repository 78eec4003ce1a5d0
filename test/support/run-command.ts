import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Command } from '@oclif/core/command'
import { Config } from '@oclif/core/config'
import { settings } from '@oclif/core/settings'
import { BaseCommand } from '../../src/cli/base-command.ts'

const root = join(import.meta.dirname, '../..')

export interface Ran {
  stdout: string
  stderr: string
  exitCode: number
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv
  now?: Date
  /** What arrives on stdin. */
  input?: string
  /** What is typed at a terminal: stdin is one then, and so are stdout and stderr with `columns`. */
  typed?: string
  /** Makes stdout and stderr terminals of this width. */
  columns?: number
  rows?: number
}

let config: Config | undefined

async function loadConfig(): Promise<Config> {
  settings.enableAutoTranspile = false
  config ??= (await Config.load({ root })) as Config
  return config
}

/**
 * Runs a command class in this process with streams, environment and clock of its own.
 * The environment holds only what is given, so that no test depends on the machine's settings.
 */
export async function runCommand(command: typeof BaseCommand, argv: string[], options: RunOptions = {}): Promise<Ran> {
  const stdout = sink(options)
  const stderr = sink(options)
  const stdin = new PassThrough()
  stdin.end(options.typed ?? options.input ?? '')
  if (options.typed !== undefined) Object.assign(stdin, { isTTY: true, setRawMode: () => {} })
  const before = process.exitCode
  process.exitCode = undefined
  BaseCommand.io = {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: { NO_COLOR: '1', LANG: 'en_GB.UTF-8', ...options.env },
    now: () => options.now ?? new Date(),
  }
  try {
    const Runnable = command as unknown as new (argv: string[], config: Config) => Command
    await new Runnable(argv, await loadConfig()).run()
    return { stdout: stdout.text(), stderr: stderr.text(), exitCode: Number(process.exitCode ?? 0) }
  } finally {
    BaseCommand.io = null
    process.exitCode = before
  }
}

function sink({ columns, rows }: RunOptions) {
  const chunks: Buffer[] = []
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  if (columns) Object.assign(stream, { isTTY: true, columns, rows: rows ?? 24 })
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    text: () => Buffer.concat(chunks).toString('utf8'),
  }
}
