import { asksForJson } from './base-command.ts'
import { reportFailure } from './failure.ts'

/**
 * Does what was asked for, says why it failed, and leaves the exit code in `process.exitCode`.
 * @param argv what was typed: whether it asks for JSON
 */
export async function runToEnd(argv: string[], work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    process.exitCode = isExit(error)
      ? error.oclif.exit
      : reportFailure(error, {
          stdout: process.stdout,
          stderr: process.stderr,
          json: asksForJson(argv),
          debug: Boolean(process.env.DEBUG),
        })
  }
}

/** `--help` and friends end by an ExitError that has printed all there is to say. */
function isExit(error: unknown): error is Error & { oclif: { exit: number } } {
  return error instanceof Error && (error as { code?: string }).code === 'EEXIT'
}
