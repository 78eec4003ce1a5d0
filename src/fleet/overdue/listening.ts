/** Whether somebody receives reports, as another process sees it. Times in milliseconds. */

/** A daemon says every minute that it listens: one that has been silent so long does not. */
export const SILENT = 15 * 60_000

export interface Listening {
  /** When reports could be received last; null where nobody ever listened. */
  listeningAt: number | null
  /** When a daemon ended in good order last; null for never. */
  stoppedAt: number | null
}

/** A daemon that said that it ends is not listening from then on; one that was killed is taken to for as long as it may be silent. */
export function isListening({ listeningAt, stoppedAt }: Listening, now: number): boolean {
  if (listeningAt === null || now - listeningAt > SILENT) return false
  return stoppedAt === null || stoppedAt < listeningAt || now <= stoppedAt
}
