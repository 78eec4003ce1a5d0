import { expect, test } from 'vitest'
import { versionDates } from '../../src/duplicati/versions.ts'

const AT = Date.parse('2026-11-24T00:42:52Z')

/** Lines of a run at 2026-11-24 00:42:52 UTC as a server with offset +01 writes them. */
function lines(considered: string, deleted: string | null = '', offset = '+01', clock = '2026-11-24 01:42:52') {
  const head = `${clock} ${offset} - [Information-Duplicati.Library.Main.Operation.DeleteHandler:RetentionPolicy`
  const list = [`${head}-StartCheck]: Start checking`, `${head}-BackupList]: Backups to consider: ${considered}`]
  return deleted === null ? list : [...list, `${head}-AllBackupsToDelete]: All backups to delete: ${deleted}`]
}

function read(texts: string[], count: number | null = null, newest: number | null = AT, at = AT) {
  return versionDates(texts, { span: { from: at, to: at + 500 }, newest, count })
}

test('the newest version and the considered ones less the deleted ones are the versions (2.3.0.4, en-US)', () => {
  const considered = '11/24/2026 1:42:50 AM, 11/24/2026 1:42:49 AM, 11/24/2026 1:42:45 AM, 11/24/2026 1:42:42 AM'
  expect(read(lines(considered, '11/24/2026 1:42:50 AM'), 4)).toEqual([
    '2026-11-24T00:42:52.000Z',
    '2026-11-24T00:42:49.000Z',
    '2026-11-24T00:42:45.000Z',
    '2026-11-24T00:42:42.000Z',
  ])
})

test.each([
  [
    '2.1.0.5, en-GB',
    '23/11/2026 19:43:21, 23/11/2026 19:43:17',
    '-05',
    '2026-11-23 19:42:52',
    '2026-11-24T00:43:21.000Z',
  ],
  ['2.2.0.3, fr-FR', '24/11/2026 01:42:37', '+01', '2026-11-24 01:42:52', '2026-11-24T00:42:37.000Z'],
  ['2.3.0.4, de-DE in India', '24.11.2026 06:12:07', '+05', '2026-11-24 06:12:52', '2026-11-24T00:42:07.000Z'],
  ['2.3.0.4, fi-FI in India', '24.11.2026 6.12.07', '+05', '2026-11-24 06.12.52', '2026-11-24T00:42:07.000Z'],
  ['sv-SE', '2026-11-24 01:42:07', '+01', '2026-11-24 01:42:52', '2026-11-24T00:42:07.000Z'],
  ['ko-KR', '2026-11-23 오후 1:42:07', '+01', '2026-11-24 01:42:52', '2026-11-23T12:42:07.000Z'],
  ['hu-HU', '2026. 11. 24. 1:42:07', '+01', '2026-11-24 01:42:52', '2026-11-24T00:42:07.000Z'],
  [
    'en-US with a narrow space',
    '11/24/2026 12:42:07\u202fAM',
    '+01',
    '2026-11-24 01:42:52',
    '2026-11-23T23:42:07.000Z',
  ],
  ['en-CA', '2026-11-23 1:42:07 p.m.', '+01', '2026-11-24 01:42:52', '2026-11-23T12:42:07.000Z'],
  ['bg-BG', '24.11.2026 г. 1:42:07', '+01', '2026-11-24 01:42:52', '2026-11-24T00:42:07.000Z'],
])('dates of %s are told (T14, T39)', (_, considered, offset, clock, expected) => {
  const dates = read(lines(considered, '', offset, clock), null, null)
  expect(dates?.[0]).toBe(expected)
})

test('the first version has nobody before it', () => {
  expect(read(lines('', ''), 1)).toEqual(['2026-11-24T00:42:52.000Z'])
})

test('a day above 12 anywhere tells the order for all', () => {
  expect(read(lines('11/12/2026 1:00:00 AM, 10/31/2026 1:00:00 AM'), 3)).toContain('2026-11-12T00:00:00.000Z')
  expect(read(lines('11/10/2026 01:00:00, 31/08/2026 01:00:00'), 3)).toContain('2026-10-11T00:00:00.000Z')
})

test('a reading in the future or out of order is none', () => {
  expect(read(lines('11/12/2026 1:00:00 AM, 11/05/2026 1:00:00 AM, 10/29/2026 1:00:00 AM'), 4)).toHaveLength(4)
  // As day/month the first would be in December, a month after the run.
  expect(read(lines('11/12/2026 1:00:00 AM'), 2)).toContain('2026-11-12T00:00:00.000Z')
  // As day/month they would not fall: 3 October, 9 October … only month/day does.
  expect(read(lines('10/9/2026 1:00:00 AM, 10/3/2026 1:00:00 AM, 9/12/2026 1:00:00 AM'), 4)).toContain(
    '2026-09-12T00:00:00.000Z',
  )
})

test('what could be either month or day is not guessed', () => {
  expect(read(lines('10/9/2026 1:00:00 AM'), 2)).toBeNull()
  expect(read(lines('10/10/2026 1:00:00 AM'), 2)).toEqual(['2026-11-24T00:42:52.000Z', '2026-10-10T00:00:00.000Z'])
})

test('a number of dates that is not the number of versions tells nothing', () => {
  expect(read(lines('11/24/2026 1:42:50 AM, 11/24/2026 1:42:49 AM', null), 2)).toBeNull()
  expect(read(lines('11/24/2026 1:42:50 AM, 11/24/2026 1:42:49 AM', null), 3)).toHaveLength(3)
})

test('other calendars and unknown words give no dates', () => {
  const hijri = '14\u200f\u200f/6\u200f\u200f/1448 بعد الهجرة 6:14:09 ص'
  expect(read(lines(hijri, '', '+05', '1448-06-14 06:14:11'), null)).toBeNull()
  expect(read(lines('24.11.2026 1:42:07 xx'), null)).toBeNull()
  expect(read(lines('yesterday, today'), null)).toBeNull()
})

test('without the lines there are no dates', () => {
  expect(read([])).toBeNull()
  expect(versionDates(null, { span: { from: AT, to: AT }, newest: AT, count: 1 })).toBeNull()
})
