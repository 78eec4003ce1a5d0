/** Milliseconds; the check itself is over by then. */
const TIME_OUT = 10_000

/**
 * Calls the address that tells a watcher of this watcher's last check, if there is one.
 * @param signal of an end that is no failure
 * @returns a sentence about what failed, without the part of the address that is a secret; null when all went well
 */
export async function sendHeartbeat(url: string | null, signal?: AbortSignal): Promise<string | null> {
  if (url === null || signal?.aborted) return null
  const failed = (why: string) => `The heartbeat was not sent: ${originOf(url)}${why}`
  const timeOut = AbortSignal.timeout(TIME_OUT)
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, timeOut]) : timeOut })
    await response.body?.cancel()
    return response.ok ? null : failed(` answered ${response.status}`)
  } catch (error) {
    return signal?.aborted ? null : failed(`: ${reasonOf(error)}`)
  }
}

function originOf(url: string): string {
  try {
    return new URL(url).origin
  } catch {
    return 'heartbeat.url is no address'
  }
}

/** Messages of `fetch` may quote the whole address: only the code of what lies beneath is told. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed'
  if (error.name === 'TimeoutError') return `no answer in ${TIME_OUT / 1000} s`
  const cause = error.cause as { code?: string } | undefined
  return cause?.code ?? 'it could not be reached'
}
