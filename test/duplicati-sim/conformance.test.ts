import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { expect, test } from 'vitest'
import type { Release } from '../support/duplicati/release.ts'
import { SimulatedDuplicati } from '../support/duplicati/server.ts'
import { differences, shapeOf } from './shape.ts'
import { recordedJobs, SITUATIONS } from './situations.ts'

const RECORDINGS = new URL('../fixtures/recordings/', import.meta.url)
const RELEASES: Release[] = ['2.1.0.5', '2.3.0.4', 'canary']

interface Recording {
  request: { method: string; path: string; body?: object | null }
  status: number
  contentType?: string | null
  headers?: Record<string, string>
  body: unknown
}

const recordings = RELEASES.flatMap((release) =>
  readdirSync(new URL(`${release}/api/`, RECORDINGS)).map((file) => `${release}/${file.replace('.json', '')}`),
)

function read(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`${name.replace('/', '/api/')}.json`, RECORDINGS), 'utf8'))
}

test('every recording has a situation, and every situation a recording', () => {
  expect(Object.keys(SITUATIONS).sort()).toEqual([...recordings].sort())
})

test.each(recordings)('%s is answered as recorded', async (name) => {
  const recorded = read(name)
  const situation = SITUATIONS[name] ?? {}
  const release = name.split('/')[0] as Release
  await using server = await SimulatedDuplicati.start({ release, machineName: 'vm', jobs: recordedJobs(release) })
  situation.when?.(server)
  const token = { none: null, bad: 'not.a.token', good: server.issueToken() }[situation.token ?? 'good']
  const answer = await send(server, recorded.request, token, situation.host)

  expect(answer.status).toBe(recorded.status)
  if ('contentType' in recorded) expect(answer.headers['content-type'] ?? null).toBe(recorded.contentType)
  for (const [header, value] of Object.entries(recorded.headers ?? {})) {
    expect(answer.headers[header.toLowerCase()]).toBe(value)
  }
  const same = situation.same as ((body: unknown) => unknown) | undefined
  if (same) expect(same(answer.body)).toEqual(same(recorded.body))
  expect(differences(shapeOf(opened(recorded.body)), shapeOf(opened(answer.body))).filter(meant)).toEqual([])
})

/** Results stand as text in their rows: they are opened, each operation by itself. Lists of lines count as lists only. */
function opened(body: unknown): unknown {
  if (!Array.isArray(body)) return withoutPaths(body as object | string)
  return body.map((row) => {
    if (row?.Type !== 'Result') return row
    const { MainOperation, Messages, Warnings, Errors, ...data } = JSON.parse(row.Message)
    const lists = [Messages, Warnings, Errors].map(Array.isArray)
    return { ...row, Message: { [MainOperation]: { ...data, lists } } }
  })
}

/** Paths are keys in the names for display: only that they are there counts. */
function withoutPaths(body: object | string): unknown {
  return typeof body === 'object' && 'DisplayNames' in body ? { ...body, DisplayNames: {} } : body
}

/** Optional parts of a map, which are there or not with what happened to the job. */
function meant(difference: string): boolean {
  return !/Metadata\.Last(Error|Vacuum|Restore|Compact)/.test(difference)
}

interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: unknown
}

function send(
  server: SimulatedDuplicati,
  asked: Recording['request'],
  token: string | null,
  host?: string,
): Promise<Reply> {
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(host ? { host } : {}),
    ...(asked.body ? { 'content-type': 'application/json' } : {}),
  }
  return new Promise((resolve, reject) => {
    const call = request(`${server.url}${asked.path}`, { method: asked.method, headers }, async (response) => {
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += chunk
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: text === '' ? '' : JSON.parse(text),
      })
    })
    call.once('error', reject)
    call.end(asked.body ? JSON.stringify(asked.body) : undefined)
  })
}
