/**
 * A command that is one file with all that it needs (dist/alone, made by esbuild.config.js of the commands that are run most), for
 * the launcher, which keeps the code that V8 made of it (bin/run.js).
 */
import { type CommandClass, runCommand } from './quick-run.ts'
import { runToEnd } from './run-to-end.ts'

/** @param argv with the command's name, and without `--help`, which is oclif's */
export async function runAlone(id: string, Command: CommandClass, argv: string[]): Promise<void> {
  await runToEnd(argv, () => runCommand(Command, { id, argv: argv.slice(1) }))
}
