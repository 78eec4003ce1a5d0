import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseLogRow } from '../../src/duplicati/result.ts'
import { benchFleet } from '../support/duplicati/bench-fleet.ts'
import { demoFleet } from '../support/duplicati/fleet.ts'

const NOW = new Date('2026-12-08T10:17:00Z')

interface Server {
  url: string
  password: string
}

async function session({ url, password }: Server) {
  const body = JSON.stringify({ Password: password, RememberMe: false })
  const headers = { 'content-type': 'application/json' }
  const login = await fetch(`${url}/api/v1/auth/login`, { method: 'POST', body, headers })
  const { AccessToken } = (await login.json()) as { AccessToken: string }
  return async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${AccessToken}` } })
    return (await answer.json()) as T
  }
}

interface Backup {
  Backup: { ID: string; Name: string; Metadata: Record<string, string> }
  Schedule: { Time: string } | null
}

/** Every job of a fleet: its newest run and what surrounds it. */
async function look(servers: (Server & { name: string })[]) {
  const jobs = new Map<string, Awaited<ReturnType<typeof jobOf>>>()
  const jobOf = async (get: Awaited<ReturnType<typeof session>>, { Backup, Schedule }: Backup) => {
    const rows = await get<unknown[]>(`/backup/${Backup.ID}/log?pagesize=500`)
    const runs = rows.map((row) => parseLogRow(row))
    return { runs, newest: runs[0]?.run ?? null, next: Schedule?.Time ?? null, metadata: Backup.Metadata }
  }
  for (const server of servers) {
    const get = await session(server)
    for (const backup of await get<Backup[]>('/backups')) {
      jobs.set(`${server.name}/${backup.Backup.Name}`, await jobOf(get, backup))
    }
  }
  return jobs
}

test('the demo fleet shows something of everything', async () => {
  const fleet = await demoFleet(NOW)
  try {
    const jobs = await look(fleet.servers)
    expect([...jobs.keys()]).toHaveLength(12)
    expect(jobs.get('nas/Documents')?.newest).toMatchObject({ status: 'Success', versions: 14, warnings: 0 })
    expect(jobs.get('nas/Documents')?.newest?.versionDates).toHaveLength(14)
    expect(jobs.get('nas/Fotos & Vidéos – 写真 📷')?.newest).toMatchObject({ status: 'Warning' })
    expect(jobs.get('web1/Website')?.newest).toMatchObject({ status: 'Fatal', errors: 1 })
    expect(jobs.get('web1/Website')?.metadata.LastErrorMessage).toContain('missing from the remote storage')
    expect(jobs.get('laptop/Home folder')?.newest).toMatchObject({ partial: true })
    expect(jobs.get('laptop/Projects')?.newest).toMatchObject({ interrupted: true, status: 'Success' })
    expect(jobs.get('laptop/Old projects')).toMatchObject({ next: null })
    expect(jobs.get('mail/New volume')).toMatchObject({ newest: null })
    expect(jobs.get('office-pc/Accounting')?.next).toBe('2026-12-08T05:17:00Z')
    const readable = [...jobs.values()].flatMap((job) => job.runs)
    expect(readable.filter((row) => row.unreadable !== null)).toEqual([])
    expect(readable.length).toBeGreaterThan(400)
  } finally {
    await fleet.close()
  }
})

test('every history of the demo ends before now, and says the dates of its versions on any day', async () => {
  for (const day of ['2026-01-05', '2026-03-30', '2026-07-12', '2026-12-08']) {
    const now = new Date(`${day}T01:02:03Z`)
    const fleet = await demoFleet(now, 7)
    try {
      for (const [name, { runs }] of await look(fleet.servers)) {
        for (const { run } of runs) {
          expect(Date.parse(run?.endedAt ?? ''), name).toBeLessThan(now.getTime())
          const told = run?.interrupted || run?.status === 'Fatal' ? null : run?.versions
          expect(run?.versionDates?.length ?? null, `${name} ${run?.beganAt}`).toBe(told)
        }
      }
    } finally {
      await fleet.close()
    }
  }
})

test('rows of the bench fleet are real ones of the recorded size, and no two are one run', async () => {
  const fleet = await benchFleet({ servers: 2, jobs: 2, rows: 150 })
  try {
    const jobs = await look(fleet.servers)
    const runs = [...jobs.values()].flatMap((job) => job.runs.map(({ run }) => run))
    expect(new Set(runs.map((run) => `${run?.beganAt} ${run?.beganTicks} ${run?.durationSeconds}`)).size).toBe(600)
    expect(runs.every((run) => run?.status === 'Success' && run.log.length >= 10)).toBe(true)
    const [server] = fleet.servers
    const get = await session(server as Server)
    const page = JSON.stringify(await get('/backup/1/log?pagesize=150'))
    expect(page.length / 150).toBeGreaterThan(6000)
    expect(page.length / 150).toBeLessThan(9000)
  } finally {
    await fleet.close()
  }
})

test('a fleet is served from a process of its own until stdin ends', async () => {
  const script = fileURLToPath(new URL('../support/duplicati/serve-fleet.ts', import.meta.url))
  const child = spawn(process.execPath, [script, '--servers', '2', '--jobs', '1', '--rows', '20'])
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => JSON.parse((await lines.next()).value ?? '{}')
  const { servers } = await line()
  expect(servers).toHaveLength(2)
  await session(servers[0])
  child.stdin.write('requests\n')
  expect(await line()).toEqual({ requests: 1 })
  child.stdin.end()
  expect(await once(child, 'exit')).toEqual([0, null])
})
