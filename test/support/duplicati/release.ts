/** The versions of Duplicati that the simulated server can be, and how each writes dates, durations and sizes. */
import { zoneOffsets } from '../../../src/duplicati/offsets.ts'

export type Release = '2.1.0.5' | '2.2.0.3' | '2.3.0.4' | 'canary'

const ORDER: readonly Release[] = ['2.1.0.5', '2.2.0.3', '2.3.0.4', 'canary']

/** `systeminfo`'s `ServerVersion` and `ServerVersionName`, and `Version` of results. A canary that is not stamped calls itself 1.0.0.0. */
export const VERSION_TEXTS: Record<Release, { number: string; name: string; result: string }> = {
  '2.1.0.5': {
    number: '2.1.0.5',
    name: ' - 2.1.0.5_stable_2025-03-04',
    result: '2.1.0.5 (2.1.0.5_stable_2025-03-04)',
  },
  '2.2.0.3': {
    number: '2.2.0.3',
    name: '2.2.0.3 - 2.2.0.3_stable_2026-01-06',
    result: '2.2.0.3 (2.2.0.3_stable_2026-01-06)',
  },
  '2.3.0.4': {
    number: '2.3.0.4',
    name: '2.3.0.4 - 2.3.0.4_stable_2026-07-09',
    result: '2.3.0.4 (2.3.0.4_stable_2026-07-09)',
  },
  canary: { number: '1.0.0.0', name: '1.0.0.0', result: '1.0.0.0 (Current)' },
}

/** Whether `release` is `first` or a later one. */
export function since(release: Release, first: Release): boolean {
  return ORDER.indexOf(release) >= ORDER.indexOf(first)
}

/** The object without the fields that `release` does not have yet. */
export function fieldsSince<T extends object>(release: Release, first: Release, fields: T): T | Record<string, never> {
  return since(release, first) ? fields : {}
}

/** `20261123T184345Z`, as in a job's metadata. */
export function compactDate(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** .NET's `[d.]hh:mm:ss[.fffffff]` of a number of 100-ns ticks. */
export function timespan(ticks: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const seconds = Math.floor(ticks / 1e7)
  const days = Math.floor(seconds / 86_400)
  const clock = `${two((seconds / 3600) % 24)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
  const fraction = ticks % 1e7
  return `${days ? `${days}.` : ''}${clock}${fraction ? `.${String(fraction).padStart(7, '0')}` : ''}`
}

/** ISO UTC with seven digits, trailing zeros dropped: `2026-11-23T18:36:50.698307Z`. */
export function isoTicks(at: number, ticks = 0): string {
  const whole = new Date(at).toISOString()
  const digits = `${whole.slice(20, 23)}${String(ticks).padStart(4, '0')}`.replace(/0+$/, '')
  return `${whole.slice(0, 19)}${digits ? `.${digits}` : ''}Z`
}

/** Minutes that the clocks of a zone are ahead of UTC at a moment. */
export function zoneOffset(zone: string, at: number): number {
  return (zoneOffsets(zone)?.(at) ?? 0) / 60_000
}

/** ISO with the zone's offset: `2026-11-23T19:36:53+01:00`; `digits` behind the second (0 or 7). */
export function isoLocal(zone: string, at: number, digits: 0 | 7 = 0): string {
  const minutes = zoneOffset(zone, at)
  const clock = new Date(at + minutes * 60_000).toISOString()
  return `${clock.slice(0, 19)}${digits ? `.${clock.slice(20, 23)}1537` : ''}${offsetText(minutes, ':')}`
}

/** How a line of a log begins: `2026-11-23 19:36:50 +01`. Minutes of the offset are not written (.NET's `zz`). */
export function lineTime(zone: string, at: number): string {
  const minutes = zoneOffset(zone, at)
  const clock = new Date(at + minutes * 60_000).toISOString()
  return `${clock.slice(0, 10)} ${clock.slice(11, 19)} ${offsetText(minutes, '').slice(0, 3)}`
}

/** A date as .NET writes it in a locale, in the zone's local time. */
export function localDate(locale: string, zone: string, at: number): string {
  const clock = new Date(at + zoneOffset(zone, at) * 60_000).toISOString()
  const [year, month, day, time] = [clock.slice(0, 4), clock.slice(5, 7), clock.slice(8, 10), clock.slice(11, 19)]
  if (locale === 'de-DE') return `${day}.${month}.${year} ${time}`
  if (locale === 'en-ZA') return `${year}/${month}/${day} ${time}`
  if (locale === 'en-GB') return `${day}/${month}/${year} ${time}`
  const hour = Number(time.slice(0, 2))
  return `${Number(month)}/${Number(day)}/${year} ${hour % 12 || 12}${time.slice(2)} ${hour < 12 ? 'AM' : 'PM'}`
}

/** `48.88 KiB`; 2.1 writes `KB` for the same. */
export function sizeText(release: Release, bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const power = Math.min(5, Math.floor(Math.log2(bytes) / 10))
  const unit = ' KMGTP'[power]
  return `${(bytes / 1024 ** power).toFixed(2)} ${unit}${since(release, '2.2.0.3') ? 'i' : ''}B`
}

function offsetText(minutes: number, separator: string): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`
}
