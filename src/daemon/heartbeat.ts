/** Milliseconds; the check itself is over by then. */
const TIME_OUT = 10_000

/**
 * Calls the address that tells a watcher of this watcher's last check.
 * @returns why it failed, without the part of the address that is a secret; null when it went well
 */
export async function sendHeartbeat(url: string, signal: AbortSignal = AbortSignal.any([])): Promise<string | null> {
  const where = originOf(url)
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIME_OUT)]) })
    await response.body?.cancel()
    return response.ok ? null : `${where} answered ${response.status}`
  } catch (error) {
    return signal.aborted ? null : `${where}: ${reasonOf(error)}`
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
