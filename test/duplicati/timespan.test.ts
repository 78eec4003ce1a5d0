import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { timespanSeconds, timespanTicks } from '../../src/duplicati/timespan.ts'

const file = new URL('../fixtures/recordings/scheduler/timespans.json', import.meta.url)
const recorded: { ticks: number | string; text: string }[] = JSON.parse(readFileSync(file, 'utf8'))

test('every duration that .NET wrote reads as its ticks, where a number holds them', () => {
  expect(recorded.filter(({ ticks }) => Number.isSafeInteger(ticks)).length).toBeGreaterThan(30)
  for (const { ticks, text } of recorded)
    expect(timespanTicks(text), text).toBe(Number.isSafeInteger(ticks) ? ticks : null)
})

test('seconds keep all seven digits', () => {
  for (const { ticks, text } of recorded) {
    const seconds = Number.isSafeInteger(ticks) ? Number(ticks) / 1e7 : null
    expect(timespanSeconds(text), text).toBe(seconds)
  }
  expect(Math.round((timespanSeconds('00:00:00.8244600') ?? 0) * 1e7)).toBe(8_244_600)
})

test('a day before the hours is a day (T54)', () => {
  expect(timespanSeconds('1.02:03:04')).toBe(93_784)
})

test.each([
  '',
  '1:02:03',
  '24:00:00',
  '00:60:00',
  '00:00:60',
  '00:00',
  '00:00:00.12345678',
  ' 00:00:00',
  'x',
  '٠٠:٠٠:٠٠',
])('%j is no duration', (text) => {
  expect(timespanTicks(text)).toBeNull()
})

test('what is no text is no duration', () => {
  for (const value of [null, undefined, 5, {}, []]) expect(timespanSeconds(value)).toBeNull()
})
