/**
 * Runs a command of the built program by itself. oclif reads its manifest of all commands, a theme and what plug-ins could be there,
 * and that twice: a tenth of the time that `status` takes. None of it is needed for a command whose name is written out.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Config } from '@oclif/core/config'
import type { BaseCommand } from './base-command.ts'
import { commandOf, type Meant } from './command-of.ts'

export interface CommandClass {
  new (argv: string[], config: Config): BaseCommand
  id: string
}

/** They look at all commands. */
const NEED_ALL = ['demo', 'completion']
/** What can be the id of a command, and no path. */
const ID = /^[a-z]+(?:-[a-z]+)*(?::[a-z]+(?:-[a-z]+)*)?$/

export interface QuickCommand extends Meant {
  file: string
}

/**
 * The command that is meant, if it can be run so; null where oclif is needed: for help, for the version, for a name that is unknown.
 * @param folder with one file a command: `status.js`, `server/add.js`
 */
export function quickCommand(argv: string[], folder: string): QuickCommand | null {
  const fileOf = (id: string) => `${join(folder, ...id.split(':'))}.js`
  const meant = commandOf(argv, (id) => ID.test(id) && existsSync(fileOf(id)))
  return meant === null || NEED_ALL.includes(meant.id) ? null : { ...meant, file: fileOf(meant.id) }
}

export async function runQuickly({ id, argv, file }: QuickCommand): Promise<void> {
  const { default: Command }: { default: CommandClass } = await import(pathToFileURL(file).href)
  await runCommand(Command, { id, argv })
}

/** Runs a command whose class is there. */
export async function runCommand(Command: CommandClass, { id, argv }: Meant): Promise<void> {
  Command.id = id
  await new Command(argv, withoutPlugins()).start()
}

/** What oclif asks of its configuration while it parses and runs a command. */
function withoutPlugins(): Config {
  const config: Pick<Config, 'bin' | 'name' | 'runHook' | 'scopedEnvVarKeys'> = {
    bin: 'duplistatus',
    name: 'duplistatus',
    runHook: async () => ({ successes: [], failures: [] }),
    scopedEnvVarKeys: () => [],
  }
  return config as Config
}
