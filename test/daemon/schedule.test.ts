import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nextTime, requireSchedules } from '../../src/daemon/schedule.ts'
import { loadTaskSettings, settingsSource } from '../../src/daemon/settings.ts'
import { configOf } from '../support/notify.ts'
import { temporaryFolder } from '../support/store.ts'

describe('schedules that were written into the settings file by hand', () => {
  it.each([
    [{ overdue: { check: '61 * * * *' } }, 'overdue.check can\'t be "61 * * * *": needed is a cron expression'],
    [{ overdue: { check: '0 0 30 2 *' } }, 'overdue.check can\'t be "0 0 30 2 *": needed is a cron expression'],
    [{ collect: { schedule: '* * * * 9' } }, 'collect.schedule can\'t be "* * * * 9": needed is a cron expression'],
  ])('are refused at the start, and change nothing afterwards: %j', (wrong, words) => {
    const configFile = join(temporaryFolder(), 'config.json')
    const write = (content: object) => writeFileSync(configFile, JSON.stringify(content))
    const place = { configFile, env: {}, timeZone: 'UTC' }
    const load = () =>
      requireSchedules(
        loadTaskSettings(place, () => configOf({})),
        configFile,
      )
    write(wrong)
    expect(load).toThrow(words)

    write({ overdue: { check: '*/7 * * * *' }, collect: { schedule: 'off' } })
    let now = 0
    const failures: unknown[] = []
    const settings = settingsSource(
      load,
      () => now,
      (error) => failures.push(error),
    )
    write(wrong)
    now = 60_000
    expect(settings()).toMatchObject({ checkAt: '*/7 * * * *', collectAt: 'off' })
    expect(String(failures)).toContain(words)
  })
})

describe('the next time of a cron expression', () => {
  it.each([
    ['Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T06:30:00.000Z'],
    ['America/New_York', '2026-11-01T04:00:00Z', '2026-11-01T13:30:00.000Z'],
    ['America/Sao_Paulo', '2026-06-01T00:00:00Z', '2026-06-01T11:30:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-03T12:00:00Z', '2026-10-03T21:30:00.000Z'],
    ['Asia/Kolkata', '2026-06-01T00:00:00Z', '2026-06-01T03:00:00.000Z'],
  ])('is that of the zone: 08:30 in %s after %s', (zone, after, expected) => {
    expect(new Date(nextTime('30 8 * * *', zone, Date.parse(after))).toISOString()).toBe(expected)
  })
})
