/** What the receiver writes to: pino's form, so that a test may give its own. Tokens and whole addresses never go into it. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Says something at most once in `every` milliseconds, with how often it was meant to be said. */
export function sayRarely(every: number, now: () => number, say: (times: number) => void): () => void {
  let said = Number.NEGATIVE_INFINITY
  let times = 0
  return () => {
    times++
    if (now() - said < every) return
    said = now()
    say(times)
    times = 0
  }
}
