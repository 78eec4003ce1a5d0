import { join } from 'node:path'
import type { Config } from '@oclif/core/config'
import { settings } from '@oclif/core/settings'
import { UsageError } from '../errors.ts'
import { nearest } from '../fleet/match-errors.ts'
import { asksForJson, BaseCommand, refuseValues } from './base-command.ts'
import { commandOf } from './command-of.ts'
import { quickCommand, runQuickly } from './quick-run.ts'
import { runToEnd } from './run-to-end.ts'

/**
 * Runs the command line and leaves the exit code in `process.exitCode`.
 * @param argv what stands behind the program's name
 * @param root the package's folder
 */
export async function main(argv: string[], root: string, { fromSources = false } = {}): Promise<void> {
  // oclif would look for TypeScript sources and register a transpiler whenever NODE_ENV says test or development.
  settings.enableAutoTranspile = false
  await runToEnd(argv, async () => {
    const words = meantBy(argv, isOnScreen)
    const quick = fromSources ? null : quickCommand(words, join(root, 'dist', 'commands'))
    if (quick) return await runQuickly(quick)
    const config = await loadConfig(root, fromSources)
    refuseUnknownCommand(words, config)
    const command = commandOf(words, (id) => config.findCommand(id) !== undefined)
    if (command) await config.runCommand(command.id, command.argv)
    else await (await import('./oclif-run.ts')).run(words, config)
  })
}

/**
 * Alone the program opens the full screen, without a terminal it shows the status; `help X` is `X --help`. Global flags may stand
 * before the command too, as people know it from git; oclif takes them behind it.
 * @param onScreen asked only where it matters: to look at stdin makes a stream of it
 */
export function meantBy(argv: string[], onScreen: () => boolean): string[] {
  const flags = leadingFlags(argv)
  const words = argv.slice(flags.length)
  if (words.length === 0) return [...(!asksForJson(flags) && onScreen() ? ['tui', '--begin'] : ['status']), ...flags]
  if (words[0] === 'help') return [...words.slice(1), '--help', ...flags]
  if (words[0]?.startsWith('-') || flags.length === 0) return argv
  const end = words.indexOf('--')
  return end === -1 ? [...words, ...flags] : [...words.slice(0, end), ...flags, ...words.slice(end)]
}

/** The global flags that stand before everything else, with their values. */
function leadingFlags(argv: string[]): string[] {
  let end = 0
  while (end < argv.length) {
    const [name = '', value] = (argv[end] ?? '').split('=', 2)
    const flag = globalFlag(name)
    if (!flag) break
    refuseValues(argv.slice(end, end + 1), BaseCommand.baseFlags)
    end += flag.type === 'option' && value === undefined ? 2 : 1
  }
  return argv.slice(0, end)
}

function globalFlag(word: string) {
  const flags: Record<string, { type: string; char?: string; allowNo?: boolean }> = BaseCommand.baseFlags
  return Object.entries(flags).find(
    ([name, flag]) =>
      word === `--${name}` ||
      (flag.char !== undefined && word === `-${flag.char}`) ||
      (flag.type === 'boolean' && flag.allowNo && word === `--no-${name}`),
  )?.[1]
}

function isOnScreen(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && process.env.TERM !== 'dumb'
}

async function loadConfig(root: string, fromSources: boolean): Promise<Config> {
  const { Config } = await import('./oclif-config.ts')
  if (!fromSources) return (await Config.load({ root })) as Config
  const { readFileSync } = await import('node:fs')
  const pjson = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  pjson.oclif.commands.target = './commands'
  return (await Config.load({ root, pjson, ignoreManifest: true })) as Config
}

/** oclif's own answer to an unknown command is a stack of plug-in hooks; a near name helps more. */
function refuseUnknownCommand(argv: string[], config: Config): void {
  const [first] = argv
  if (first === undefined || first.startsWith('-')) return
  const ids = config.commandIDs.filter((id) => !config.findCommand(id)?.hidden)
  if (ids.some((id) => id === first || id.startsWith(`${first}:`))) {
    const second = argv[1]
    const isTopic = !ids.includes(first)
    if (!isTopic || second === undefined || second.startsWith('-') || ids.includes(`${first}:${second}`)) return
    const siblings = ids.filter((id) => id.startsWith(`${first}:`)).map((id) => id.slice(first.length + 1))
    throw unknown(`${first} ${second}`, nearest(second, siblings), `${first} `)
  }
  throw unknown(first, nearest(first, [...new Set(ids.map((id) => id.split(':')[0] ?? id))]), '')
}

function unknown(name: string, near: readonly string[], prefix: string): UsageError {
  return new UsageError(`${JSON.stringify(name)} is no duplistatus command`, {
    code: 'unknown_command',
    hint:
      near.length > 0
        ? `Did you mean ${near.map((one) => `"duplistatus ${prefix}${one}"`).join(' or ')}?`
        : '"duplistatus help" lists the commands.',
  })
}
