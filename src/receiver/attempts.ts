/**
 * Failed authentications by address. They are slowed, not refused: whoever guesses wrongly often waits for each answer, and others,
 * also from the same address with a valid token, notice nothing.
 */
const WINDOW = 60_000
/** So many may fail at full speed within a window. */
const FREE = 20
const DELAY = 200
/** Answers of one address that may wait at once; what comes beyond is answered at once, and its connection closed all the same. */
const MOST_WAITING = 32
/** Addresses that are remembered. */
const MOST_ADDRESSES = 10_000

interface Attempts {
  since: number
  failed: number
  waiting: number
}

export interface FailedAttempts {
  /** Call it for each failure: resolves when it may be answered. */
  failed(address: string): Promise<void>
}

export function failedAttempts(now: () => number, pause: (milliseconds: number) => Promise<unknown>): FailedAttempts {
  const byAddress = new Map<string, Attempts>()
  const attemptsOf = (address: string): Attempts => {
    const network = networkOf(address)
    const known = byAddress.get(network)
    if (known && now() - known.since < WINDOW) return known
    const fresh = { since: now(), failed: 0, waiting: known?.waiting ?? 0 }
    byAddress.delete(network)
    byAddress.set(network, fresh)
    const [oldest] = byAddress.keys()
    if (byAddress.size > MOST_ADDRESSES && oldest !== undefined) byAddress.delete(oldest)
    return fresh
  }
  return {
    async failed(address) {
      const attempts = attemptsOf(address)
      attempts.failed++
      if (attempts.failed <= FREE || attempts.waiting >= MOST_WAITING) return
      attempts.waiting++
      await pause(DELAY)
      attempts.waiting--
    },
  }
}

/** One who has an IPv6 address has all of its /64. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = ''] = address.split('::', 1)
  return head.split(':').slice(0, 4).join(':')
}
