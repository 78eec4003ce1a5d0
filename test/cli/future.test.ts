import { describe, expect, it } from 'vitest'
import { untilTime } from '../../src/cli/future.ts'
import { offsetMinutesOf } from '../../src/cli/screen.ts'

/** A Tuesday; 13:00 in Berlin. */
const NOW = Date.parse('2026-11-24T12:00:00Z')

describe('--until', () => {
  it.each([
    ['2026-12-01', '2026-11-30T23:00:00.000Z'],
    ['2026-12-01T08:00', '2026-12-01T07:00:00.000Z'],
    ['2026-12-01 08:00', '2026-12-01T07:00:00.000Z'],
    ['2026-12-01T08:00Z', '2026-12-01T08:00:00.000Z'],
    ['18:30', '2026-11-24T17:30:00.000Z'],
    ['8:00', '2026-11-25T07:00:00.000Z'],
    ['13:00', '2026-11-25T12:00:00.000Z'],
    ['tomorrow', '2026-11-24T23:00:00.000Z'],
    ['Tomorrow 08:00', '2026-11-25T07:00:00.000Z'],
    ['today 14:00', '2026-11-24T13:00:00.000Z'],
    ['wed', '2026-11-24T23:00:00.000Z'],
    ['tuesday 08:00', '2026-12-01T07:00:00.000Z'],
    ['mon 08:00', '2026-11-30T07:00:00.000Z'],
  ])('%s is %s in Berlin', async (text, at) => {
    const offset = await offsetMinutesOf({ timeZone: 'Europe/Berlin' })
    expect(new Date(untilTime(text, NOW, offset)).toISOString()).toBe(at)
  })

  it('keeps the clock time over a changeover', async () => {
    const offset = await offsetMinutesOf({ timeZone: 'Europe/Berlin' })
    const eve = Date.parse('2026-10-24T12:00:00Z')
    expect(new Date(untilTime('tomorrow 08:00', eve, offset)).toISOString()).toBe('2026-10-25T07:00:00.000Z')
  })

  it.each(['', 'soon', '3d', 'm 08:00', 'today', 'today 13:00', '25:00', '2026-02-30', '2026-11-24', 'tomorrow 8'])(
    '%j is refused',
    async (text) => {
      const offset = await offsetMinutesOf({ timeZone: 'Europe/Berlin' })
      expect(() => untilTime(text, NOW, offset)).toThrow(expect.objectContaining({ code: 'bad_time' }))
    },
  )
})
