import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../src/store/index.ts'
import { quickAll, quickGet } from '../../src/store/quick.ts'
import { keyOf, type ReportKey } from '../bench/serve/bodies.ts'
import { reportOf } from '../receiver/lab.ts'
import { ROOT, runProgram } from '../support/program.ts'
import { type Served, serveProcess } from '../support/serve.ts'
import { temporaryFolder } from '../support/store.ts'

const FLEET = { servers: 4, jobsPerServer: 3 }

async function started(...given: Parameters<typeof serveProcess>): Promise<Served> {
  const served = await serveProcess(...given)
  onTestFinished(async () => {
    await served.stop('SIGKILL')
  })
  return served
}

const post = (url: string, body: unknown) => fetch(url, { method: 'POST', body: JSON.stringify(body) })

interface Load {
  acknowledged: number[]
  statuses: Record<string, number>
}

/** Reports from a process of its own, until they are all posted or the connection is gone. */
function load(url: string, from: number, count: number): { begun: Promise<void>; ended: Promise<Load> } {
  const options = { url: `${url}/api/upload`, from, count, connections: 16, lines: 20, listed: true, ...FLEET }
  const child = spawn(process.execPath, [join(ROOT, 'test/bench/serve/client.ts'), JSON.stringify(options)])
  let text = ''
  const begun = new Promise<void>((resolve) => {
    child.stderr.once('data', () => resolve())
  })
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  const ended = new Promise<Load>((resolve) => child.on('close', () => resolve(JSON.parse(text))))
  return { begun, ended }
}

/** The stored runs, as the reports name them. */
async function stored(database: string): Promise<string[]> {
  const store = await openStore({ file: database, mode: 'write' })
  try {
    expect(quickGet(store.db, 'PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' })
    expect(quickAll(store.db, 'PRAGMA foreign_key_check')).toEqual([])
    const rows = quickAll<{ machine: string; job: string; at: number; ticks: number }>(
      store.db,
      `SELECT machine_name AS machine, backup_id AS job, began_at AS at, began_ticks AS ticks FROM run
        JOIN job ON job.id = run.job_id JOIN server ON server.id = job.server_id`,
    )
    return rows.map(({ machine, job, at, ticks }) => {
      const beginTime = new Date(at).toISOString().replace('Z', `${String(ticks).padStart(4, '0')}Z`)
      return JSON.stringify({ machine, backupId: `DB-${job}`, beginTime } satisfies ReportKey)
    })
  } finally {
    await store.close()
  }
}

describe('serve', () => {
  it('shows at its first start what to put into Duplicati, and takes reports with that token only', async () => {
    const database = join(temporaryFolder(), 'd.db')
    const served = await started(database, { args: [] })
    await expect.poll(served.said, { timeout: 10_000 }).toContain('setup-reporting')
    const [, address = ''] = /--send-http-json-urls=(\S+)/.exec(served.said()) ?? []
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/upload\?token=dupl_[\w-]{43}$/)
    expect((await post(address, reportOf())).status).toBe(200)
    expect((await post(`${served.url}/api/upload`, reportOf())).status).toBe(401)
    const secret = address.split('token=')[1] ?? ''
    const log = served
      .said()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    expect(log.join('\n')).not.toContain(secret)
    expect(await served.stop()).toBe(0)

    const again = await started(database, { args: [] })
    expect(
      (await post(`${again.url}/api/upload?token=${secret}`, reportOf({ begin: '2026-11-21T02:00:00Z' }))).status,
    ).toBe(200)
    expect(again.said()).not.toContain('dupl_')
    expect(await again.stop('SIGINT')).toBe(0)
    const status = await runProgram(['status', '--json', '--db', database])
    expect(JSON.parse(status.stdout).jobs).toMatchObject([
      { name: 'Documents', runs: 2, lastRun: { sources: ['report'] } },
    ])
  }, 60_000)

  it('says at every start that it is open, and when the port is taken', async () => {
    const database = join(temporaryFolder(), 'd.db')
    const served = await started(database)
    await expect.poll(served.said, { timeout: 10_000 }).toContain('Posts are accepted without a token')
    const { port } = new URL(served.url)
    const second = await runProgram(['serve', '--host', '127.0.0.1', '--port', port, '--db', database])
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`Port ${port} of 127.0.0.1 is taken by another program`)
    expect(second.stderr).not.toContain('    at ')
  }, 60_000)

  it('answers what it has accepted before it ends', async () => {
    const database = join(temporaryFolder(), 'd.db')
    const served = await started(database)
    const loading = load(served.url, 0, 1_500)
    await loading.begun
    expect(await served.stop()).toBe(0)
    const { acknowledged } = await loading.ended
    expect(acknowledged.length).toBeGreaterThan(0)
    const kept = new Set(await stored(database))
    expect(acknowledged.filter((number) => !kept.has(JSON.stringify(keyOf(number, FLEET))))).toEqual([])
  }, 60_000)

  it.each([
    ['at once, whoever is connected and says nothing', '', 5_000],
    [
      'in ten seconds, whoever does not end what he sends',
      'POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{',
      20_000,
    ],
  ])(
    'ends %s',
    async (_, sent, patience) => {
      const served = await started(join(temporaryFolder(), 'd.db'))
      const socket = connect(Number(new URL(served.url).port), '127.0.0.1').on('error', () => {})
      onTestFinished(() => void socket.destroy())
      await once(socket, 'connect')
      socket.write(sent)
      // Answered after the other one was accepted: connections are accepted in the order in which they come.
      expect((await fetch(`${served.url}/api/ping`)).status).toBe(200)
      const began = performance.now()
      expect(await served.stop()).toBe(0)
      expect(performance.now() - began).toBeLessThan(patience)
    },
    60_000,
  )

  it('tells systemd when it is ready, alive and stopping', async () => {
    const folder = temporaryFolder()
    const told = join(folder, 'told')
    writeFileSync(told, '')
    writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$@" >> ${told}\n`)
    chmodSync(join(folder, 'systemd-notify'), 0o755)
    const served = await started(join(folder, 'd.db'), {
      env: { PATH: `${folder}:${process.env.PATH}`, NOTIFY_SOCKET: join(folder, 'socket'), WATCHDOG_USEC: '400000' },
    })
    await expect.poll(() => readFileSync(told, 'utf8'), { timeout: 10_000 }).toContain('WATCHDOG=1')
    expect(await served.stop()).toBe(0)
    const lines = readFileSync(told, 'utf8').trim().split('\n')
    expect(lines[0]).toMatch(new RegExp(`^--pid=${served.pid} --ready`))
    expect(lines.at(-1)).toBe(`--pid=${served.pid} --stopping`)
  }, 60_000)
})
