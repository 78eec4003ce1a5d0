import type { JobFacts, ServerFacts } from '../../src/fleet/facts.ts'

/** What is not known of a job that is only collected, and what nobody set. */
export const unknownHabits = {
  plannedSeenAt: null,
  reportedNextAt: null,
  reportedNextSeenAt: null,
  lastReportAt: null,
  liveAt: null,
  habits: '[]',
  failuresInARow: 0,
  manual: null,
  toleranceSeconds: null,
  maxAgeSeconds: null,
} satisfies Partial<JobFacts>

/** A server that is collected without trouble. */
export const plainServer = {
  keepClockTime: true,
  canBeAsked: true,
  failingSince: null,
  lastReportAt: null,
} satisfies Partial<ServerFacts>
