import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { ConfigCommand } from '../../src/cli/config-command.ts'
import { askHidden, canAsk, readAll } from '../../src/cli/prompt.ts'
import { secretsOf } from '../../src/cli/server-input.ts'
import { UsageError } from '../../src/errors.ts'
import { clean } from '../../src/output/escape.ts'
import { definitionOf, isSecret, type SecretKey, type SettingKey } from '../../src/settings/schema.ts'

export default class ConfigSet extends ConfigCommand {
  static override summary = 'Set a setting'
  static override description =
    `The value is checked before it is stored. A secret is never taken as an argument, where other users of the machine and the shell's
history could see it: it is asked for, or read from stdin, and stored encrypted.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> smtp.host mail.example',
    '<%= config.bin %> <%= command.id %> collect.schedule "30 */2 * * *"',
    '<%= config.bin %> <%= command.id %> smtp.password',
    'pass show mail | <%= config.bin %> <%= command.id %> smtp.password --stdin',
  ]
  static override args = {
    key: Args.string({ description: 'setting, as config list names it', required: true, ignoreStdin: true }),
    value: Args.string({ description: 'its value; not for secrets', ignoreStdin: true }),
  }
  static override flags = {
    stdin: Flags.boolean({ description: 'read the value from the first line of stdin' }),
  }

  async execute(): Promise<void> {
    const { args, flags } = await this.parse(ConfigSet)
    const { requireKey, valueFromText } = await import('../../src/settings/check.ts')
    const { setSetting } = await import('../../src/settings/config-write.ts')
    const key = requireKey(args.key)
    const text = await this.#input(key, args.value, flags.stdin)
    const value = await valueFromText(key, text)
    await setSetting(this.context.configFile, key, isSecret(key) ? await this.#seal(String(value), key) : value)
    const [setting] = await this.settings([key])
    if (this.context.json) return this.emit({ schemaVersion: 1, setting })
    this.print(setting?.secret ? `Set ${key}` : `Set ${key} to ${clean(String(setting?.value))}`)
    const { env } = definitionOf(key)
    if (env && this.context.env[env]) this.warning(`${env} is set and wins over it`)
  }

  async #input(key: SettingKey, argument: string | undefined, stdin: boolean): Promise<string> {
    const secret = isSecret(key)
    if (secret && argument !== undefined) {
      throw new UsageError(`${key} is secret, and no value is taken as an argument: others could see it`, {
        code: 'secret_argument',
        hint: `Run duplistatus config set ${key} and type it, or pipe it in: … | duplistatus config set ${key} --stdin`,
      })
    }
    if (argument !== undefined) {
      if (stdin) throw new UsageError('A value and --stdin do not go together', { hint: 'Leave one of them out.' })
      return argument
    }
    if (secret && canAsk(this.context)) return askHidden(this.context, `${key}: `)
    if (!secret && !stdin) {
      throw new UsageError(`No value for ${key} was given`, {
        hint: `Such as: duplistatus config set ${key} ${JSON.stringify(definitionOf(key).example)}`,
      })
    }
    return this.#piped(key)
  }

  async #piped(key: SettingKey): Promise<string> {
    const [first = '', ...others] = (await readAll(this.context.stdin)).split(/\r\n|\n|\r/)
    if (first === '') {
      throw new UsageError(`Nothing came on stdin for ${key}`, {
        hint: `Pipe it in: printf %s "$VALUE" | duplistatus config set ${key} --stdin`,
      })
    }
    if (others.some((line) => line !== '')) {
      throw new UsageError(`More than one line came on stdin for ${key}`, { hint: 'Pipe the value alone.' })
    }
    return first
  }

  async #seal(text: string, key: SecretKey): Promise<string> {
    const { sealSetting } = await import('../../src/settings/config.ts')
    // Says it when others can read the key file.
    secretsOf(this.context, (warning) => this.warning(warning))
    return sealSetting(text, key, this.context)
  }
}
