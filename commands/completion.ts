import * as Args from '@oclif/core/args'
import type { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../src/cli/base-command.ts'
import { type CommandSpec, completionScript, SHELLS, type Shell } from '../src/output/completion.ts'
import { clean } from '../src/output/escape.ts'

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
  }

  async execute(): Promise<void> {
    const { args, flags } = await this.parse(Completion)
    if (flags.names) return this.#printNames()
    const script = completionScript(args.shell as Shell, this.config.bin, this.config.commands.flatMap(specOf))
    if (this.context.json) this.emit({ schemaVersion: 1, shell: args.shell, script })
    else this.print(script)
  }

  /** Names that a terminal could not show as they are could not be typed either. */
  async #printNames(): Promise<void> {
    const { read } = await this.openStore('read')
    const { servers, jobs } = await read.names()
    const byId = new Map(servers.map(({ id, name }) => [id, name]))
    const names = [...servers.map(({ name }) => name), ...jobs.map((job) => `${byId.get(job.serverId)}/${job.name}`)]
    const typable = names.filter((name) => clean(name) === name)
    if (typable.length > 0) this.print(typable.join('\n'))
  }
}

/** Arguments that are a server, a job or an address of one. */
const NAME_ARGUMENTS = /^(server|job|target|host|name)s?$/

function specOf(command: Command.Loadable): CommandSpec[] {
  if (command.hidden) return []
  const flags = Object.values(command.flags).filter(({ hidden }) => !hidden)
  return [
    {
      words: command.id.split(':'),
      summary: command.summary ?? '',
      takesNames: Object.keys(command.args).some((name) => NAME_ARGUMENTS.test(name)),
      flags: flags
        .map((flag) => ({
          name: flag.name,
          char: flag.char ?? null,
          description: flag.description ?? '',
          options: flag.type === 'option' ? [...(flag.options ?? [])] : [],
          takesValue: flag.type === 'option',
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    },
  ]
}
