import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Lab, receiverLab } from './lab.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures')
const ANSWERS = join(FIXTURES, 'web-application')
const POSTED = join(FIXTURES, 'compat-reports')
/** When the answers of the web application were recorded. */
const NOW = new Date('2026-11-23T06:49:02.460Z')

const answer = (name: string) => JSON.parse(readFileSync(join(ANSWERS, `answer-${name}.json`), 'utf8'))
const inputs = readdirSync(POSTED)
  .filter((file) => /^\d\d-.*\.json$/.test(file))
  .sort()

let lab: Lab

beforeEach(async () => {
  lab = await receiverLab({ open: true, publicRead: true, now: () => NOW })
  for (const file of inputs) {
    const { status, body } = await lab.post('/api/upload', readFileSync(join(POSTED, file), 'utf8'))
    expect({ file, status, body }).toEqual({ file, status: 200, body: { success: true } })
  }
})

/** Row ids are of each database's own. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === 'id' && isOwn(value) ? 'own' : withoutIds(inner)]),
  )
}

function isOwn(value: object): boolean {
  return 'server_id' in value
}

/** The time at which the first report of a server came is that of the recording. */
function atRecordedTime(body: { server: { created_at: string } }, expected: { server: { created_at: string } }) {
  return { ...body, server: { ...body.server, created_at: expected.server.created_at } }
}

describe('what the web application answered', () => {
  it('takes the twelve reports that it was given', () => {
    expect(inputs).toHaveLength(12)
  })

  it.each(['alpha', 'beta_box'])('lastbackup of %s is the same, value for value', async (name) => {
    const expected = answer(`lastbackup-${name}`)
    const { status, body } = await lab.get(`/api/lastbackup/${encodeURIComponent(name.replace('_', ' '))}`)
    expect(status).toBe(200)
    expect(body.server.created_at).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    expect(withoutIds(atRecordedTime(body, expected))).toEqual(withoutIds(expected))
  })

  it('finds a server by its machine id too', async () => {
    const expected = answer('lastbackup-by-id')
    const { body } = await lab.get('/api/lastbackup/a1fa0000000000000000000000000001')
    expect(withoutIds(atRecordedTime(body, expected))).toEqual(withoutIds(expected))
  })

  it.each(['alpha', 'beta_box'])('lastbackups of %s are the same, value for value', async (name) => {
    const expected = answer(`lastbackups-${name}`)
    const { status, body } = await lab.get(`/api/lastbackups/${encodeURIComponent(name.replace('_', ' '))}`)
    expect(status).toBe(200)
    expect(withoutIds(atRecordedTime(body, expected))).toEqual(withoutIds(expected))
  })

  it.each([
    ['lastbackup-unknown', '/api/lastbackup/nope'],
    ['lastbackups-unknown', '/api/lastbackups/nope'],
    ['lastbackup-ALPHA-case', '/api/lastbackup/ALPHA'],
  ])('%s is not found in the same words', async (name, path) => {
    expect(await lab.get(path)).toMatchObject({ status: 404, body: answer(name) })
  })

  it('the summary has the same fields; its sums go over all jobs', async () => {
    const expected = answer('summary')
    const { body } = await lab.get('/api/summary')
    expect(Object.keys(body)).toEqual(Object.keys(expected))
    const { totalStorageUsed, totalBackupSize, overdueBackupsCount, ...same } = body
    const { totalStorageUsed: _storage, totalBackupSize: _size, overdueBackupsCount: _overdue, ...others } = expected
    expect(same).toEqual(others)
    const newest = ['04-alpha-1', '08-alpha-2', '12-beta_box-1'].map((start) => {
      const file = inputs.find((name) => name.startsWith(start)) ?? ''
      return JSON.parse(readFileSync(join(POSTED, file), 'utf8')).Data
    })
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
    expect(totalStorageUsed).toBe(sum(newest.map((data) => data.BackendStatistics.KnownFileSize)))
    expect(totalBackupSize).toBe(sum(newest.map((data) => data.SizeOfExaminedFiles)))
    expect(typeof overdueBackupsCount).toBe('number')
  })

  it('ping and health have the same fields and types', async () => {
    expect((await lab.get('/api/ping')).body).toEqual(answer('ping'))
    const { status, body } = await lab.get('/api/health')
    const expected = answer('health')
    const shape = (value: object) =>
      Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, typeof inner]))
    expect(status).toBe(200)
    expect(shape(body)).toEqual(shape(expected))
    expect(body.status).toBe('healthy')
  })

  it('answers HEAD, as watchers of web services ask, wherever it answers GET', async () => {
    for (const path of [
      '/api/ping',
      '/api/health',
      '/api/summary',
      '/api/lastbackup/alpha',
      '/api/lastbackups/alpha',
    ]) {
      const { status, body } = await lab.get(path, { method: 'HEAD' })
      expect({ path, status, body }).toEqual({ path, status: 200, body: '' })
    }
    expect((await lab.get('/api/lastbackup/nope', { method: 'HEAD' })).status).toBe(404)
  })

  it('answers a repeated report 200, where the web application says 409 (T8)', async () => {
    const again = await lab.post('/api/upload', readFileSync(join(POSTED, inputs[0] ?? ''), 'utf8'))
    expect(again).toMatchObject({ status: 200, body: { success: true } })
    expect((await lab.get('/api/summary')).body.totalBackupsRuns).toBe(12)
  })
})
