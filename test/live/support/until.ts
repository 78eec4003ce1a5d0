import { setTimeout as pause } from 'node:timers/promises'

export interface UntilOptions {
  /** Milliseconds until it fails with what was there last (30,000). */
  timeout?: number
  /** Milliseconds between two looks (50). */
  interval?: number
}

/**
 * Looks until `look` gives something that `holds` (anything but null, undefined and false, unless told), and gives that.
 * A look that throws counts as not yet. Fails with what was seen last, so that a time-out explains itself.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean = Boolean,
  { timeout = 30_000, interval = 50 }: UntilOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeout
  let last: unknown
  for (;;) {
    try {
      const seen = await look()
      if (holds(seen)) return seen
      last = seen
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`Not within ${timeout} ms: ${what}. Last seen: ${tell(last)}`)
    await pause(interval)
  }
}

function tell(seen: unknown): string {
  const text = seen instanceof Error ? seen.message : (JSON.stringify(seen) ?? String(seen))
  return text.length > 4_000 ? `${text.slice(0, 4_000)} …` : text
}
