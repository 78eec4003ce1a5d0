const SECOND = 1000
const FIRST = 15 * SECOND
/** Short enough that what waited through a long outage comes soon after its end. */
const LONGEST = 15 * 60 * SECOND
/** A service may ask for longer, but not for ever. */
const LONGEST_ASKED = 6 * 60 * 60 * SECOND

/**
 * How long to wait after this many failures in a row: 15 s, doubled each time up to 15 min, a fifth more or less so that several
 * monitors do not come back as one; longer when the service asked for it.
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function backoff(failures: number, random: () => number, retryAfterMs: number | null = null): number {
  const doubled = Math.min(LONGEST, FIRST * 2 ** Math.min(failures - 1, 20))
  const spread = Math.round(doubled * (0.8 + 0.4 * random()))
  return Math.max(spread, Math.min(retryAfterMs ?? 0, LONGEST_ASKED))
}
