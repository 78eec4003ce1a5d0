/**
 * What is kept of a job's newest counting runs, so that overdue checks learn from them without reading the history: when it
 * usually starts, and how long it usually takes. Times and durations in milliseconds.
 */
import type { JobStatus } from '../model.ts'

export interface Habit {
  beganAt: number
  duration: number | null
  status: Exclude<JobStatus, 'None'>
}

/** How many runs are kept: six weeks of working days, thirty weeks of a weekly backup. */
export const HABITS = 30

/** How many durations make the usual one. */
const DURATIONS = 10

type Packed = [beganAt: number, duration: number | null, status: Habit['status']]

/** @param runs newest first */
export function packHabits(runs: readonly Habit[]): string {
  const packed = runs
    .slice(0, HABITS)
    .map(({ beganAt, duration, status }): Packed => [beganAt, duration === null ? null : Math.round(duration), status])
  return JSON.stringify(packed)
}

/** Puts a newer run before the others, in the packed text itself: a report does this with every run. */
export function prependHabit(packed: string, habit: Habit): string {
  const own = packHabits([habit]).slice(1, -1)
  const others = packed.slice(1, -1)
  if (others === '') return `[${own}]`
  let end = -1
  for (let kept = 1; kept < HABITS; kept++) {
    end = others.indexOf('],[', end + 1)
    if (end < 0) return `[${own},${others}]`
  }
  return `[${own},${others.slice(0, end + 1)}]`
}

/** When the newest of packed runs began; null without any. */
export function newestBegin(packed: string): number | null {
  const began = /^\[\[(-?\d+)/.exec(packed)?.[1]
  return began === undefined ? null : Number(began)
}

let read: { packed: string; habits: readonly Habit[] } = { packed: '[]', habits: [] }

/** Newest first. One judgement asks for the same job's several times. */
export function readHabits(packed: string): readonly Habit[] {
  if (read.packed !== packed) {
    const rows = JSON.parse(packed) as Packed[]
    read = { packed, habits: rows.map(([beganAt, duration, status]) => ({ beganAt, duration, status })) }
  }
  return read.habits
}

/** The 95th percentile of the last ten durations that are known; 0 without any. */
export function usualDuration(habits: readonly Habit[]): number {
  const durations = habits
    .flatMap(({ duration }) => (duration === null ? [] : [duration]))
    .slice(0, DURATIONS)
    .sort((a, b) => a - b)
  return durations[Math.ceil(durations.length * 0.95) - 1] ?? 0
}
