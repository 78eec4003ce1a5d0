import { describe, expect, it } from 'vitest'
import { zoneOffsets } from '../../src/duplicati/offsets.ts'
import { ianaZone, offsetMinutes } from '../../src/duplicati/zone.ts'
import { UserError } from '../../src/errors.ts'

describe('ianaZone', () => {
  it('takes an empty setting as UTC, which is what the scheduler then uses (T30)', async () => {
    expect(await ianaZone('')).toBe('UTC')
    expect(await ianaZone('  ')).toBe('UTC')
  })

  it('maps the names that Windows uses', async () => {
    expect(await ianaZone('W. Europe Standard Time')).toBe('Europe/Berlin')
    expect(await ianaZone('Eastern Standard Time')).toBe('America/New_York')
    expect(await ianaZone('India Standard Time')).toBe('Asia/Calcutta')
  })

  it('keeps IANA names and fixed offsets', async () => {
    for (const zone of ['Europe/Berlin', 'US/Eastern', 'UTC', 'Etc/GMT+5', '-05:00', '+05:30']) {
      expect(await ianaZone(zone)).toBe(zone)
    }
  })

  it('knows no other names', async () => {
    for (const zone of ['Nowhere/Land', '+99:00', 'x'.repeat(10_000), '\u001b[31m', '5'])
      expect(await ianaZone(zone)).toBeNull()
  })
})

describe('offsetMinutes', () => {
  it('tells summer and standard time to the second of the changeover', () => {
    const spring = Date.parse('2024-03-31T01:00:00Z')
    expect(offsetMinutes('Europe/Berlin', spring - 1)).toBe(60)
    expect(offsetMinutes('Europe/Berlin', spring)).toBe(120)
    const autumn = Date.parse('2024-04-06T15:00:00Z')
    expect(offsetMinutes('Australia/Lord_Howe', autumn - 1)).toBe(660)
    expect(offsetMinutes('Australia/Lord_Howe', autumn)).toBe(630)
  })

  it('tells quarters of an hour, fixed offsets and a zone that skipped a day', () => {
    expect(offsetMinutes('Asia/Kathmandu', 0)).toBe(330)
    expect(offsetMinutes('Asia/Kathmandu', Date.parse('2024-01-01T00:00:00Z'))).toBe(345)
    expect(offsetMinutes('-05:00', 0)).toBe(-300)
    expect(offsetMinutes('+0530', 0)).toBe(330)
    expect(offsetMinutes('UTC', 0)).toBe(0)
    expect(offsetMinutes('Pacific/Apia', Date.parse('2011-12-30T09:59:59Z'))).toBe(-600)
    expect(offsetMinutes('Pacific/Apia', Date.parse('2011-12-30T10:00:00Z'))).toBe(840)
  })

  it('tells local mean time to the second', () => {
    expect(offsetMinutes('Europe/Berlin', Date.parse('1800-01-01T00:00:00Z'))).toBeCloseTo(53 + 28 / 60, 10)
    expect(offsetMinutes('Africa/Monrovia', Date.parse('1971-06-01T00:00:00Z'))).toBe(-44.5)
  })

  it('agrees with the calendar everywhere, whatever was asked before', () => {
    const zones = ['Europe/Berlin', 'Africa/Casablanca', 'America/St_Johns', 'Antarctica/Troll', 'Asia/Gaza']
    const wrong = zones.flatMap((zone) => {
      const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
      const from = Date.parse('2023-01-01T00:00:00Z')
      return Array.from({ length: 2 * 365 * 4 }, (_, quarter) => from + quarter * 6 * 3_600_000 + 1).filter((at) => {
        const [, sign, hours, minutes] = /GMT([+-])(\d+):(\d+)/.exec(format.format(at)) ?? []
        return offsetMinutes(zone, at) !== (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) + 0
      })
    })
    expect(wrong).toEqual([])
  })

  it('refuses an unknown zone in the words of a person', () => {
    expect(() => offsetMinutes('Nowhere/Land', 0)).toThrow(UserError)
    expect(() => offsetMinutes('Nowhere/Land', 0)).toThrow(/"Nowhere\/Land"/)
  })

  it('keeps no more zones in memory than there are, however they are spelt', () => {
    const letters = 'europe/berlin'
    const spell = (mask: number): string =>
      [...letters].map((letter, at) => (mask & (1 << at) ? letter.toUpperCase() : letter)).join('')
    for (let mask = 0; mask < 1200; mask++) expect(zoneOffsets(spell(mask))).not.toBeNull()
    expect(offsetMinutes('Europe/Berlin', 0)).toBe(60)
  })
})
