import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ClientOptions, DuplicatiApi } from '../../src/duplicati/api.ts'
import { createClient } from '../../src/duplicati/client.ts'
import { failureOf, json, serve } from './http-server.ts'

interface Recording {
  file: string
  version: string
  name: string
  request: { method: string; path: string }
  status: number
  contentType?: string | null
  headers?: Record<string, string>
  body: unknown
}

const root = join(import.meta.dirname, '../fixtures/recordings')
const recordings: Recording[] = globSync('*/api/*.json', { cwd: root })
  .toSorted()
  .map((file) => {
    const { request, status, contentType, headers, body } = JSON.parse(readFileSync(join(root, file), 'utf8'))
    const version = dirname(dirname(file))
    return { file, version, name: basename(file, '.json'), request, status, contentType, headers, body }
  })

function recorded(version: string, name: string): Recording {
  const found = recordings.find((item) => item.version === version && item.name === name)
  if (!found) throw new Error(`no recording ${version}/api/${name}`)
  return found
}

/** A client of a server that gives these answers, whatever is asked of their endpoints. */
async function replaying(...answers: Recording[]): Promise<DuplicatiApi> {
  return replayingTo(() => {}, ...answers)
}

async function replayingTo(recorder: ClientOptions['recorder'] & {}, ...answers: Recording[]): Promise<DuplicatiApi> {
  const server = await serve((request, response) => {
    const path = request.path.replace(/\?.*/, '')
    const answer = answers.find((item) => item.request.path.replace(/\?.*/, '') === path)
    if (!answer) return json(response, 200, path.endsWith('/login') ? { AccessToken: 'x' } : [])
    const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
    const type = answer.contentType ? { 'content-type': answer.contentType } : {}
    response.writeHead(answer.status, { ...type, ...answer.headers }).end(body)
  })
  const client = createClient({ url: server.url, secret: 'pw-One-1' }, { env: {}, busyDelay: 1, recorder })
  onTestFinished(() => client.close())
  return client
}

function logOf(recording: Recording): { id: string; offset: string | null } {
  const { pathname, searchParams } = new URL(recording.request.path, 'http://x')
  return { id: pathname.split('/')[4] ?? '', offset: searchParams.get('offset') }
}

const named = (pattern: RegExp, status?: number) =>
  recordings.filter(({ name, status: own }) => pattern.test(name) && (status === undefined || status === own))

describe('every recorded answer is understood', () => {
  it.each(named(/(?:^|-)backups(?:-|$)/, 200))('$file', async (recording) => {
    const backups = await (await replaying(recording)).backups()
    const body = recording.body as { Backup: { ID: string; Name: string }; Schedule: { Time: string } | null }[]
    expect(backups.map(({ backupId, name }) => [backupId, name])).toEqual(
      body.map(({ Backup }) => [Backup.ID, Backup.Name]),
    )
    expect(backups.map(({ schedule }) => schedule && Date.parse(schedule.time))).toEqual(
      body.map(({ Schedule }) => Schedule && Date.parse(Schedule.Time)),
    )
    for (const { destination, metadata } of backups) {
      expect(destination).toMatch(/^(?:file:\/\/|(?:ssh|webdav):\/\/files\.example)$/)
      expect(metadata.lastVersionAt ?? '2026').toMatch(/^2026/)
    }
  })

  it.each(named(/(?:^|-)log-/, 200).filter(({ request }) => /\/backup\/\d+\/log/.test(request.path)))(
    '$file',
    async (recording) => {
      const { id, offset } = logOf(recording)
      const before = offset === null ? {} : { before: Number(offset) }
      const page = await (await replaying(recording)).logPage(id, { pageSize: 10, ...before })
      const rows = recording.body as { ID: number; Type: string }[]
      expect(page?.rows.map((row) => row.id)).toEqual(rows.map(({ ID }) => ID))
      expect(page?.rows.filter((row) => row.unreadable !== null)).toEqual([])
      expect(page?.rows.map((row) => row.run !== null)).toEqual(rows.map(({ Type }) => Type === 'Result'))
    },
  )

  it.each(named(/^systeminfo/))('$file', async (recording) => {
    const settings = recordings.find(({ version, name }) => version === recording.version && name === 'serversettings')
    const client = await replaying(...(settings ? [recording, settings] : [recording]))
    const { Options, ServerVersion } = recording.body as {
      Options: { Name: string; DefaultValue: string }[]
      ServerVersion: string
    }
    const id = Options.find(({ Name }) => Name === 'machine-id')?.DefaultValue
    await expect(client.info()).resolves.toMatchObject({
      machineId: id || null,
      machineName: 'vm',
      duplicatiVersion: ServerVersion,
      timeZone: recording.version === '2.1.0.5' ? '-05:00' : 'UTC',
      keepClockTime: recording.version !== '2.1.0.5',
      serverTime: expect.stringMatching(/^2026-11-23T1[89]:\d\d:\d\d\.\d{3}Z$/),
    })
  })

  it.each(named(/serverstate/))('$file', async (recording) => {
    const state = await (await replaying(recording)).state()
    const body = recording.body as {
      ProgramState: string
      ProposedSchedule: unknown[]
      ActiveTask: { Item2: string } | null
    }
    expect(state.paused !== null).toBe(body.ProgramState === 'Paused')
    expect(Object.keys(state.proposed)).toHaveLength(body.ProposedSchedule.length)
    expect(state.activeBackupId).toBe(body.ActiveTask?.Item2 ?? null)
  })

  it.each(named(/progressstate/))('$file', async (recording) => {
    const progress = await (await replaying(recording)).progress()
    if (recording.status === 404 || /Complete/.test(recording.name)) expect(progress).toBeNull()
    else expect(progress).toMatchObject({ backupId: '18', phase: recording.name.replace(/^.*200-/, '') })
  })

  it.each(named(/^notifications/))('$file', async (recording) => {
    const notices = await (await replaying(recording)).notices()
    expect(notices).toHaveLength((recording.body as unknown[]).length)
    expect(notices.every(({ at, backupId }) => at.startsWith('2026') && backupId !== null)).toBe(true)
  })

  it('2.3.0.4/api/serverlog.json', async () => {
    const notices = await (await replaying(recorded('2.3.0.4', 'serverlog'))).notices()
    expect(notices[0]).toMatchObject({ level: 'error', message: expect.stringContaining('A task was canceled.') })
    expect(notices.some(({ backupId, message }) => backupId === null && message.startsWith('Error in updater'))).toBe(
      true,
    )
  })
})

it('credentials in recorded destinations are nowhere in what comes out', async () => {
  const recording = recorded('2.3.0.4', 'backups-after-manual-run')
  const exchanges: unknown[] = []
  const client = await replayingTo((exchange) => exchanges.push(exchange), recording)
  const backups = await client.backups()
  expect(JSON.stringify(recording.body)).toContain('s3cret-Pw')
  expect(JSON.stringify([backups, exchanges])).not.toMatch(/s3cret|bob|auth-/)
})

describe('every recorded refusal is told', () => {
  it.each([
    ['2.3.0.4', 'login-wrong-password', 'wrong_password'],
    ['2.3.0.4', 'login-wrong-host-header', 'host_name_filter'],
    ['2.3.0.4', 'wrong-host-header', 'host_name_filter'],
  ])('%s %s is %s', async (version, name, code) => {
    expect((await failureOf((await replaying(recorded(version, name))).info())).code).toBe(code)
  })

  it.each(['backups-bad-token', 'backups-without-token'])('%s is a refused token', async (name) => {
    expect((await failureOf((await replaying(recorded('2.3.0.4', name))).backups())).code).toBe('token_rejected')
  })

  it('T22: a log during a run, from the canary on, is busy', async () => {
    const recording = recorded('canary', 'during-run-log-400')
    const client = await replaying(recording)
    expect((await failureOf(client.logPage(logOf(recording).id, { pageSize: 10 }))).code).toBe('busy')
  })

  it.each(named(/^log-database/, 500))('$file is a broken database', async (recording) => {
    const client = await replaying(recording)
    expect((await failureOf(client.logPage(logOf(recording).id, { pageSize: 10 }))).code).toBe('database_broken')
  })

  it('an unknown job is null', async () => {
    const recording = recorded('2.3.0.4', 'log-unknown-backup')
    await expect((await replaying(recording)).logPage('999', { pageSize: 10 })).resolves.toBeNull()
  })
})
