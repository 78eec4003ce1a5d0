/** When an operation ran, as its result tells: to 100 ns, unless the teller's clock must stand for what it leaves out. */
import { type Instant, parseInstant } from './instant.ts'
import { timespanSeconds } from './timespan.ts'

type JsonObject = Record<string, unknown>

const DAY = 86_400_000

export interface ResultTimes {
  began: { ms: number; ticks: number | null }
  ended: { ms: number }
  durationSeconds: number | null
}

/**
 * Begin, end and length of the run. Duplicati leaves `EndTime` unset in places; then the duration, or the teller's clock, ends it.
 * Null where nothing tells when it ran.
 *
 * @param endedBy epoch milliseconds by which the run had ended
 * @param isReport a report whose begin time is not believed began at `endedBy`, a row ended then
 */
export function resultTimes(data: JsonObject, endedBy: number, isReport: boolean): ResultTimes | null {
  const told = duration(data)
  const believed = beginTime(data, endedBy)
  if (!believed) return undated(endedBy, told, isReport)
  const end = endTime(data, believed, endedBy)
  const ms = end?.ms ?? (told === null ? endedBy : Math.round(believed.ms + told * 1000))
  return {
    began: believed,
    ended: { ms: Math.max(ms, believed.ms) },
    durationSeconds: told ?? (end && timespanSeconds(data.Duration) === null ? secondsBetween(believed, end) : null),
  }
}

/** The begin time that a result tells, if it can be believed of a run that had ended by `endedBy` (epoch milliseconds). */
function beginTime(data: JsonObject, endedBy: number): Instant | null {
  const told = parseInstant(data.BeginTime)
  return told && told.ms <= endedBy + DAY ? told : null
}

function undated(endedBy: number, durationSeconds: number | null, isReport: boolean): ResultTimes | null {
  const ms = Math.floor(isReport ? endedBy : endedBy - (durationSeconds ?? 0) * 1000)
  if (parseInstant(new Date(ms).toISOString()) === null) return null
  return { began: { ms, ticks: null }, ended: { ms: Math.max(ms, endedBy) }, durationSeconds }
}

function endTime(data: JsonObject, began: Instant, endedBy: number): Instant | null {
  const end = parseInstant(data.EndTime)
  return end && end.ms >= began.ms && end.ms <= endedBy + DAY ? end : null
}

/** The number nearest to the seven digits, as Duplicati's own duration is read. */
function secondsBetween(began: Instant, end: Instant): number {
  return ((end.ms - began.ms) * 10_000 + end.ticks - began.ticks) / 1e7
}

/** A duration below zero (the clock was set back) is no duration. */
function duration(data: JsonObject): number | null {
  const seconds = timespanSeconds(data.Duration)
  return seconds !== null && seconds >= 0 ? seconds : null
}
