import { existsSync } from 'node:fs'
import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type { Input, ParserOutput } from '@oclif/core/interfaces'
import { UsageError } from '../errors.ts'
import { clean } from '../output/escape.ts'
import { toJson } from '../output/json.ts'
import type { WritableStore } from '../store/index.ts'
import { beforeDashes } from './command-of.ts'
import { type Context, createContext, type GlobalFlags, type Io, processIo } from './context.ts'
import { reportFailure } from './failure.ts'
import { folded } from './fold.ts'

/** Whether `--json` stands among the arguments, known even when they cannot be parsed. */
export function asksForJson(argv: string[]): boolean {
  return beforeDashes(argv).includes('--json')
}

/** What flags or arguments are taken apart to, by their names. */
type Output = Record<string, unknown>

type FlagKinds = Record<string, { type: string; allowNo?: boolean }>

/** oclif takes what stands behind `--json=` for an argument of the command. @throws UsageError */
export function refuseValues(argv: string[], flags: FlagKinds): void {
  for (const word of beforeDashes(argv)) {
    const [, name = ''] = /^--([^=]+)=/.exec(word) ?? []
    const positive = name in flags ? name : name.replace(/^no-/, '')
    const flag = flags[positive]
    if (flag?.type !== 'boolean') continue
    throw new UsageError(`--${name} takes no value`, {
      hint: flag.allowNo ? `Write --${positive} or --no-${positive}.` : `Write --${positive}, or leave it out.`,
    })
  }
}

/**
 * What all commands share: global flags, the context, printing, the store, and the way from an error to an exit code.
 * A command implements `execute` and throws `UserError`s; it never writes to the process's streams itself.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({ description: 'print one JSON object (docs/json.md)', helpGroup: 'GLOBAL' }),
    db: Flags.string({
      description: 'database file',
      helpValue: 'FILE',
      env: 'DUPLISTATUS_DB',
      helpGroup: 'GLOBAL',
    }),
    config: Flags.string({
      description: 'settings file',
      helpValue: 'FILE',
      env: 'DUPLISTATUS_CONFIG',
      helpGroup: 'GLOBAL',
    }),
    quiet: Flags.boolean({ char: 'q', description: 'no progress and notes on stderr', helpGroup: 'GLOBAL' }),
    color: Flags.boolean({
      description: 'colours (also NO_COLOR, FORCE_COLOR)',
      allowNo: true,
      helpGroup: 'GLOBAL',
    }),
    locale: Flags.string({
      description: 'language of dates and numbers, such as de-DE',
      helpValue: 'TAG',
      helpGroup: 'GLOBAL',
    }),
    tz: Flags.string({
      description: 'time zone of dates, such as Europe/Berlin',
      helpValue: 'ZONE',
      helpGroup: 'GLOBAL',
    }),
  }

  /** False for a command that must work though the settings file is broken. */
  static readsSettings = true

  /** Streams, environment and clock; tests put their own here. */
  static io: Io | null = null

  protected context!: Context
  /** Whether a person said where the database is. */
  #isNamed = false
  #stores: WritableStore[] = []
  #parsed: Promise<unknown> | null = null

  /** Does the work. A number is the exit code; nothing means 0. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a command that has nothing to return says so by returning nothing
  abstract execute(): Promise<number | void>

  /** Both `run` and `execute` ask for what was typed; it is taken apart once. */
  protected override async parse<F extends Output, B extends Output, A extends Output>(
    options?: Input<F, B, A>,
    argv?: string[],
  ): Promise<ParserOutput<F, B, A>> {
    if (argv !== undefined || (options as unknown) !== this.ctor) return super.parse(options, argv)
    this.#parsed ??= super.parse(options)
    return this.#parsed as Promise<ParserOutput<F, B, A>>
  }

  /** Runs it as oclif does, for who has made it without oclif (`quick-run.ts`). */
  async start(): Promise<void> {
    await this._run()
  }

  override async run(): Promise<void> {
    const io = BaseCommand.io ?? processIo()
    try {
      refuseValues(this.argv, { ...this.ctor.baseFlags, ...this.ctor.flags })
      const { flags } = await this.parse(this.ctor)
      const { readsSettings } = this.ctor as typeof BaseCommand
      this.context = createContext(io, flags as GlobalFlags, { settings: readsSettings })
      this.#isNamed = Boolean((flags as GlobalFlags).db || io.env.DUPLISTATUS_DB)
      const code = await this.execute()
      if (typeof code === 'number' && code !== 0) process.exitCode = code
    } catch (error) {
      process.exitCode = this.failed(error, io)
    } finally {
      for (const store of this.#stores.splice(0)) await store.close()
    }
  }

  /** Says why it went no further; returns the exit code. Also for arguments that cannot be parsed: then there is no context. */
  protected failed(error: unknown, { stdout, stderr, env }: Io): number {
    return reportFailure(error, { stdout, stderr, json: asksForJson(this.argv), debug: Boolean(env.DEBUG) })
  }

  /** Opens the database; closed when the command ends. `read` never creates or changes the file. */
  protected async openStore(mode: 'read' | 'write', sync: 'each' | 'close' = 'each'): Promise<WritableStore> {
    const { openStore } = await import('../store/index.ts')
    const { dbFile: file, now } = this.context
    // It reads like an empty one: a slip of the pen would go unnoticed.
    if (mode === 'read' && this.#isNamed && !this.context.json && !existsSync(file)) {
      this.note(`There is no database at ${file}, which --db or DUPLISTATUS_DB names.`)
    }
    const store = await openStore({ file, mode, sync, now: () => now })
    this.#stores.push(store)
    return store
  }

  /** A result, on stdout. Outside text in it has gone through `clean` already. */
  protected print(text: string): void {
    this.context.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  }

  /** The `--json` result: laid out for people on a terminal, in one line for programs. */
  protected emit(value: object): void {
    this.context.stdout.write(`${toJson(value, { indented: this.context.isTTY.stdout })}\n`)
  }

  /** Progress and remarks, on stderr; silent with --quiet. */
  protected note(text: string): void {
    const { quiet, stderr } = this.context
    if (!quiet) stderr.write(`${folded(clean(text, { newlines: true }), stderr)}\n`)
  }

  /** Something a person must see although the command goes on. */
  protected warning(text: string): void {
    const { stderr } = this.context
    stderr.write(`Warning: ${folded(clean(text, { newlines: true }), stderr, 'Warning: '.length)}\n`)
  }
}
