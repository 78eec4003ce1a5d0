import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../src/cli/base-command.ts'
import type { CollectFlags } from '../src/cli/collect.ts'

export default class Collect extends BaseCommand {
  static override summary = 'Read jobs, schedules and logs from Duplicati servers'
  static override description =
    `HOST is the name of a known server, or an address: nas, nas:8300, https://backup.example/duplicati. An address that is not
known yet becomes a server. Without a scheme https is tried first, and http only if the host does not speak TLS at all.

The password comes from --password-stdin, DUPLISTATUS_PASSWORD, what is kept, or a question, in this order; with --all what is
kept for a server comes first. A password is kept only with --remember, encrypted.

Ctrl-C ends it cleanly: what was read is stored, and the next collection goes on from there. Exit code 1 when a server failed
or could be read only in part.`
  static override usage = 'collect [HOST...] [--all]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --all',
    '<%= config.bin %> <%= command.id %> nas office-pc --port 8300 --remember',
    'pass show duplicati | <%= config.bin %> <%= command.id %> https://backup.example/duplicati --password-stdin',
    '<%= config.bin %> <%= command.id %> nas --save ./collected --json',
  ]
  static override strict = false
  static override args = {
    host: Args.string({ description: 'name of a known server, or an address', ignoreStdin: true }),
  }
  static override flags = {
    all: Flags.boolean({ description: 'every server that has an address' }),
    port: Flags.integer({
      description: 'port of addresses without one (8200)',
      helpValue: 'PORT',
      min: 1,
      max: 65_535,
    }),
    'password-stdin': Flags.boolean({ description: 'read the password from the first line of stdin' }),
    remember: Flags.boolean({
      description: 'keep the password, encrypted (asked on a terminal, else no)',
      allowNo: true,
    }),
    concurrency: Flags.integer({ description: 'servers at once (25)', helpValue: 'NUMBER', min: 1, max: 500 }),
    timeout: Flags.string({ description: 'give a server up after this time (15min)', helpValue: 'DURATION' }),
    save: Flags.string({
      description: 'write what was collected into this folder, secrets removed',
      helpValue: 'DIR',
    }),
  }

  async execute(): Promise<number> {
    const { flags, argv } = await this.parse(Collect)
    const { runCollect } = await import('../src/cli/collect.ts')
    return runCollect({
      context: this.context,
      hosts: argv.map(String),
      flags: flags as CollectFlags,
      // What is lost by a power cut is read again: no waiting for the disk after each page.
      openStore: () => this.openStore('write', 'close'),
      print: (text) => this.print(text),
      emit: (value) => this.emit(value),
      note: (text) => this.note(text),
      warn: (text) => this.warning(text),
    })
  }
}
