import { SilentError, UserError } from '../errors.ts'
import { clean } from '../output/escape.ts'
import { toJson } from '../output/json.ts'
import { folded } from './fold.ts'

interface Failure {
  code: string
  message: string
  hint: string | null
  exitCode: number
  bug: boolean
}

const LABEL = 'Error: '.length

/**
 * The one place that turns what was thrown into words and an exit code: 2 for wrong usage, 1 for the rest.
 * Text goes to stderr, `{"error": …}` to stdout when JSON was asked for.
 */
export function reportFailure(
  error: unknown,
  to: {
    stdout: NodeJS.WritableStream
    stderr: NodeJS.WritableStream & { columns?: number | undefined }
    json: boolean
    debug: boolean
  },
): number {
  if (error instanceof SilentError) return error.exitCode
  const failure = describe(error)
  if (to.json) {
    const { code, message, hint } = failure
    to.stdout.write(`${toJson({ error: { code, message, hint } })}\n`)
  } else {
    const shown = (text: string) => folded(clean(text, { newlines: true }), to.stderr, LABEL)
    to.stderr.write(`Error: ${shown(failure.message)}\n`)
    if (failure.hint) to.stderr.write(`Try:   ${shown(failure.hint)}\n`)
  }
  if ((failure.bug || to.debug) && !to.json && error instanceof Error && error.stack) {
    to.stderr.write(`${clean(error.stack, { newlines: true })}\n`)
  }
  return failure.exitCode
}

/** What was thrown, in words. */
export function describe(error: unknown): Failure {
  if (error instanceof UserError) {
    const { code, message, hint, exitCode } = error
    return { code, message, hint, exitCode, bug: false }
  }
  if (isParseError(error)) {
    // The first line is the finding; what follows repeats oclif's usage text. A value may be a secret in the wrong place.
    const [finding = error.message] = error.message.split('\n\n')
    const message = finding
      .replace(/\nSee more help with --help$/, '')
      .replace(/^The following errors? occurred:\s*/, '')
      .replace(/^Parsing (--[\w-]+)\s+/, '$1: ')
      .replace(/(--[\w-]+)=\S+/g, '$1')
    return { code: 'usage', message, hint: 'See --help for how the command is called.', exitCode: 2, bug: false }
  }
  const known = error instanceof Error ? environmentFailure(error as NodeJS.ErrnoException) : null
  if (known) return known
  return {
    code: 'bug',
    message: `Something went wrong that should not: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'This is a bug of duplistatus: please report it with the lines below.',
    exitCode: 1,
    bug: true,
  }
}

/** oclif's own errors (wrong flags, missing arguments, unknown commands) carry an `oclif` property. */
function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'oclif' in error
}

/** What the machine refuses is nobody's bug. */
function environmentFailure(error: NodeJS.ErrnoException): Failure | null {
  const where = error.path ? ` ${error.path}` : ''
  const words: Record<string, string> = {
    EACCES: `No permission for${where}`,
    EPERM: `Not permitted:${where}`,
    ENOSPC: 'The disk is full',
    EROFS: `The file system is read-only:${where}`,
    EMFILE: 'Too many files are open',
    ENOTDIR: `Not a folder:${where}`,
    EISDIR: `A folder, not a file:${where}`,
  }
  const message = error.code ? words[error.code] : undefined
  return message ? { code: String(error.code).toLowerCase(), message, hint: null, exitCode: 1, bug: false } : null
}
