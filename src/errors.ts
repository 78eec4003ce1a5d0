/**
 * The closed set of failures that a person caused or can mend. Everything else that is thrown is a bug, and is reported as one.
 * One place (`src/cli/failure.ts`) maps them to text or JSON and to the exit code.
 */

/** What to tell beside the message. */
export interface UserErrorOptions {
  /** Stable word for scripts, lower case with underscores: `unreachable`, `wrong_password`. */
  code?: string
  /** One thing to try, as a sentence. */
  hint?: string | null
  /** Exit code of the process; 1 unless told. */
  exitCode?: number
  /** The failure underneath; shown only with `DEBUG`. */
  cause?: unknown
}

/** A failure in the user's words: what failed, with the value and the place. */
export class UserError extends Error {
  override name = 'UserError'
  readonly code: string
  readonly hint: string | null
  readonly exitCode: number

  constructor(message: string, options: UserErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code ?? 'failed'
    this.hint = options.hint ?? null
    this.exitCode = options.exitCode ?? 1
  }
}

/** The command was called in a way that cannot be meant: exit code 2. */
export class UsageError extends UserError {
  override name = 'UsageError'

  constructor(message: string, options: UserErrorOptions = {}) {
    super(message, { code: 'usage', exitCode: 2, ...options })
  }
}

/** What failed has been said already; only the exit code is left to give. */
export class SilentError extends Error {
  override name = 'SilentError'
  readonly exitCode: number

  constructor(exitCode = 1) {
    super('already reported')
    this.exitCode = exitCode
  }
}
