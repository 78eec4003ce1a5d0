import * as Args from '@oclif/core/args'
import type { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../src/cli/base-command.ts'
import { OPERATIONS } from '../src/duplicati/operations.ts'
import {
  type CommandSpec,
  completionScript,
  type FlagSpec,
  type Names,
  SHELLS,
  type Shell,
} from '../src/output/completion.ts'
import { clean } from '../src/output/escape.ts'
import { RUN_SORT_KEYS, RUN_STATUSES } from '../src/output/history-sort.ts'
import { SETTING_NAMES } from '../src/output/job-settings.ts'
import { namesApart } from '../src/output/names.ts'
import { STATUS_COLUMNS } from '../src/output/status-columns.ts'
import { SORT_KEYS, STATUS_WORDS } from '../src/output/status-select.ts'

export default class Completion extends BaseCommand {
  static override summary = 'Print a completion script for the shell'
  static override description = 'Completes commands, flags, their values, and the names of servers and jobs.'
  static override examples = [
    'echo \'eval "$(<%= config.bin %> completion bash)"\' >> ~/.bashrc',
    'echo \'eval "$(<%= config.bin %> completion zsh)"\' >> ~/.zshrc',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/<%= config.bin %>.fish',
  ]
  static override args = {
    shell: Args.string({ description: 'which shell', options: [...SHELLS], required: true, ignoreStdin: true }),
  }
  static override flags = {
    names: Flags.boolean({ description: 'print the names of servers and jobs instead, a line each', hidden: true }),
    servers: Flags.boolean({ description: 'only those of servers', hidden: true, dependsOn: ['names'] }),
  }

  async execute(): Promise<void> {
    const { args, flags } = await this.parse(Completion)
    if (flags.names) return this.#printNames(flags.servers)
    const script = completionScript(args.shell as Shell, this.config.bin, this.config.commands.flatMap(specOf))
    if (this.context.json) this.emit({ schemaVersion: 1, shell: args.shell, script })
    else this.print(script)
  }

  /** Names that a terminal could not show as they are could not be typed either. */
  async #printNames(ofServers: boolean): Promise<void> {
    const { read } = await this.openStore('read')
    const { servers, jobs } = await read.names()
    const byId = namesApart(servers)
    const ofJobs = ofServers ? [] : jobs.map((job) => `${byId.get(job.serverId)}/${job.name}`)
    const names = [...byId.values(), ...ofJobs]
    const typable = names.filter((name) => clean(name) === name)
    if (typable.length > 0) this.print(typable.join('\n'))
  }
}

/** What the arguments of a command name, by their own names. */
const NAMED: Record<string, Names> = { server: 'servers', host: 'servers', target: 'all', job: 'all' }

const SETTINGS = [...Object.values(SETTING_NAMES), 'all']

/** Values that no flag lists by itself, as several of them go together or more may be known. */
const VALUES: Record<string, { words: readonly string[]; isList: boolean }> = {
  'status --status': { words: STATUS_WORDS, isList: true },
  'status --sort': { words: inBothDirections(SORT_KEYS), isList: true },
  'status --columns': { words: STATUS_COLUMNS, isList: true },
  'history --status': { words: RUN_STATUSES.map((status) => status.toLowerCase()), isList: true },
  'history --sort': { words: inBothDirections(RUN_SORT_KEYS), isList: true },
  'history --operation': { words: [...OPERATIONS, 'all'], isList: false },
  'job edit --inherit': { words: SETTINGS, isList: true },
  'server edit --forget-default': { words: SETTINGS, isList: true },
}

function inBothDirections(keys: readonly string[]): string[] {
  return [...keys, ...keys.map((key) => `-${key}`)]
}

function specOf(command: Command.Loadable): CommandSpec[] {
  if (command.hidden) return []
  const words = command.id.split(':')
  const args = Object.values(command.args)
  return [
    {
      words,
      summary: command.summary ?? '',
      choices: args[0]?.options ?? [],
      names: args.map(({ name }) => NAMED[name]).find((names) => names !== undefined) ?? null,
      flags: Object.values(command.flags)
        .filter(({ hidden }) => !hidden)
        .map((flag) => flagOf(flag, VALUES[`${words.join(' ')} --${flag.name}`]))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    },
  ]
}

function flagOf(flag: Command.Flag.Cached, values: (typeof VALUES)[string] | undefined): FlagSpec {
  const option = flag.type === 'option' ? flag : null
  // Some take one of these words or nothing, and say so as the value.
  const [, said] = /^(\w+(?:\|\w+)+)$/.exec(option?.helpValue?.toString() ?? '') ?? []
  return {
    name: flag.name,
    char: flag.char ?? null,
    description: flag.description ?? '',
    options: values?.words ?? option?.options ?? said?.split('|') ?? [],
    isList: values?.isList ?? false,
    takesValue: option !== null,
    allowsNo: flag.type === 'boolean' && flag.allowNo === true,
  }
}
