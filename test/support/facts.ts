import type { JobFacts, ServerFacts } from '../../src/fleet/facts.ts'
import { type Habit, packHabits } from '../../src/fleet/overdue/habits.ts'

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

/** A job of which nothing is known. */
export function jobFacts(change: Partial<JobFacts> = {}): JobFacts {
  return {
    monitored: true,
    snoozedUntil: null,
    running: null,
    queued: false,
    status: 'None',
    partial: false,
    lastReceivedAt: null,
    lastBeganAt: null,
    lastEndedAt: null,
    lastSuccessAt: null,
    lastVersionAt: null,
    skippedAt: null,
    schedule: null,
    plannedAt: null,
    failure: null,
    ...unknownHabits,
    ...change,
  }
}

/** What good runs of one minute leave behind, whichever way they came. */
export function ranAt(starts: readonly number[], duration = 60_000): Partial<JobFacts> {
  const newestFirst = starts.toSorted((a, b) => b - a)
  const [last = null] = newestFirst
  if (last === null) return {}
  const habits = newestFirst.map((beganAt): Habit => ({ beganAt, duration, status: 'Success' }))
  return {
    status: 'Success',
    lastBeganAt: last,
    lastEndedAt: last + duration,
    lastSuccessAt: last + duration,
    habits: packHabits(habits),
  }
}

/** A server that only reports, and of whose zone nothing is known. */
export function reportingServer(change: Partial<ServerFacts> = {}): ServerFacts {
  return {
    paused: null,
    lastCollectedAt: null,
    timeZone: null,
    ...plainServer,
    canBeAsked: false,
    ...change,
  }
}

/** A server that is asked. */
export function askedServer(change: Partial<ServerFacts> = {}): ServerFacts {
  return { ...reportingServer(), timeZone: 'UTC', canBeAsked: true, ...change }
}
