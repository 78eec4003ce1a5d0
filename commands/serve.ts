import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../src/cli/base-command.ts'
import { bytesOf } from '../src/cli/byte-size.ts'
import { displayOf } from '../src/cli/context.ts'
import { interruptible } from '../src/cli/interrupt.ts'
import { loadNotifyConfig } from '../src/cli/notify-config.ts'
import type { ServeOptions } from '../src/daemon/serve.ts'
import { readSettings } from '../src/settings/reader.ts'

export default class Serve extends BaseCommand {
  static override summary = 'Receive reports, check for overdue backups, deliver messages'
  static override description =
    `Duplicati posts its reports to http://HOST:PORT/api/upload?token=…; each is answered when it is safe on the disk. The first start makes a token and prints the option lines for Duplicati; "server setup-reporting" sets them on a server itself.

--open accepts posts without a token, --public-read lets everybody read the summaries: with both, a fleet that reports to the duplistatus web application, and the widgets that read it, go on unchanged.

It stays in the foreground, writes its log to stderr, and ends on Ctrl-C or SIGTERM when all that it accepted is answered.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --host 127.0.0.1 --port 9666',
    '<%= config.bin %> <%= command.id %> --open --public-read',
  ]
  static override flags = {
    host: Flags.string({ description: 'address to listen on', helpValue: 'ADDRESS', default: '0.0.0.0' }),
    port: Flags.integer({
      description: 'port; 0 takes a free one',
      helpValue: 'PORT',
      min: 0,
      max: 65_535,
      default: 9666,
    }),
    open: Flags.boolean({ description: 'accept posts without a token' }),
    'public-read': Flags.boolean({ description: 'answer reads without a token' }),
    'max-body': Flags.string({ description: 'largest report that is taken', helpValue: 'SIZE', default: '64MB' }),
    verbose: Flags.boolean({ char: 'v', description: 'log every report' }),
  }

  async execute(): Promise<void> {
    const { flags } = await this.parse(Serve)
    const { dbFile, configFile, stderr, env, now: startedAt } = this.context
    const [{ serve }, { loadTaskSettings, settingsSource }, { requireSchedules }] = await Promise.all([
      import('../src/daemon/serve.ts'),
      import('../src/daemon/settings.ts'),
      import('../src/daemon/schedule.ts'),
    ])
    const options: ServeOptions = {
      ...{ dbFile, stderr, env, startedAt },
      host: flags.host,
      port: flags.port,
      open: flags.open,
      publicRead: flags['public-read'],
      maxBody: bytesOf(flags['max-body'], '--max-body'),
      verbose: flags.verbose,
      settings: (log) =>
        settingsSource(
          () => {
            const display = displayOf(env, flags, readSettings(configFile))
            const place = { configFile, env, ...display }
            return requireSchedules(
              loadTaskSettings(place, () => loadNotifyConfig(place)),
              configFile,
            )
          },
          Date.now,
          (error) => log.error({ error }, 'The settings cannot be read: those that were read last hold'),
        ),
    }
    await interruptible((ending) => serve(options, ending))
  }
}
