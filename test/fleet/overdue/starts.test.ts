import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { countStarts, firstStartAfter, longestGap, type Rule } from '../../../src/fleet/overdue/starts.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
interface Chain {
  time: string
  repeat: string
  allowedDays: string[] | null
  timeZone: string
  runs: string[]
}
const recordings = join(import.meta.dirname, '../../fixtures/recordings/scheduler/chains.json')
const chains = (JSON.parse(readFileSync(recordings, 'utf8')) as Chain[]).filter(({ runs }) => runs.length > 1)

const rule = (change: Partial<Rule> = {}): Rule => ({
  repeat: '1D',
  allowedDays: [],
  timeZone: 'Europe/Berlin',
  keepClockTime: true,
  ...change,
})
const start = Date.parse('2026-01-01T01:00:00Z')
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())

describe('the planned starts', () => {
  it("are those of Duplicati's scheduler, however far one asks (T72)", () => {
    for (const { time, repeat, allowedDays, timeZone, runs } of chains) {
      const of = rule({ repeat, allowedDays: allowedDays ?? [], timeZone })
      for (const [index, run] of runs.entries()) {
        const after = index === 0 ? Date.parse(time) : Date.parse(runs[index - 1] ?? '')
        expect(iso(firstStartAfter(of, Date.parse(time), after)), `${repeat} ${timeZone}`).toBe(iso(Date.parse(run)))
      }
      const last = Date.parse(runs.at(-1) ?? '')
      const first = Date.parse(runs[0] ?? '')
      expect(countStarts(of, Date.parse(time), first, last), `${repeat} ${timeZone}`).toBe(runs.length)
    }
    expect(chains.length).toBeGreaterThan(30)
  })

  it('begin with the base itself', () => {
    expect(firstStartAfter(rule(), start, start - 1)).toBe(start)
    expect(firstStartAfter(rule(), start, start)).toBe(start + DAY)
  })

  it('are none where Duplicati finds none', () => {
    for (const repeat of ['', '0D', 'often', '-1D']) {
      expect(firstStartAfter(rule({ repeat }), start, start + DAY)).toBeNull()
      expect(countStarts(rule({ repeat }), start, start + 1, start + 9 * DAY)).toBe(0)
    }
    expect(firstStartAfter(rule({ timeZone: 'Middle/Earth' }), start, start)).toBeNull()
  })

  it('of 15 minutes can be missed for a year at no cost (T33)', () => {
    const quarter = rule({ repeat: '15m' })
    const began = performance.now()
    for (let job = 0; job < 10_000; job++) {
      expect(firstStartAfter(quarter, start, start + 365 * DAY)).toBe(start + 365 * DAY + 15 * MINUTE)
      expect(countStarts(quarter, start, start, start + 365 * DAY)).toBe(365 * 96 + 1)
    }
    expect(performance.now() - began).toBeLessThan(2000)
  })
})

describe('the longest time between two starts', () => {
  it.each([
    [{ repeat: '15m' }, 15 * MINUTE],
    [{ repeat: '1D' }, DAY],
    [{ repeat: '1W' }, 7 * DAY],
    [{ repeat: '1D', allowedDays: ['mon', 'tue', 'wed', 'thu', 'fri'] }, 4 * DAY],
    [{ repeat: '1D', allowedDays: ['sun'] }, 8 * DAY],
    [{ repeat: '0D' }, null],
    [{ repeat: 'x' }, null],
  ])('of %j', (change, gap) => {
    expect(longestGap(rule(change))).toBe(gap)
  })
})
