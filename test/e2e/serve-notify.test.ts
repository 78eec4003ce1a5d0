/** What the daemon tells people, from a post or a plan that passed to what arrives: real processes, servers and mail. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { reportOf } from '../receiver/lab.ts'
import { simJob } from '../support/duplicati/job.ts'
import { RunLog } from '../support/duplicati/log.ts'
import { SimulatedDuplicati } from '../support/duplicati/server.ts'
import { ntfyServer } from '../support/ntfy-server.ts'
import { runProgram } from '../support/program.ts'
import { type Served, serveProcess } from '../support/serve.ts'
import { mailServer } from '../support/smtp-server.ts'
import { temporaryFolder } from '../support/store.ts'

const HOUR = 3_600_000
const WAIT = { timeout: 20_000, interval: 50 }

function place(values: object) {
  const folder = temporaryFolder()
  const config = join(folder, 'config.json')
  writeFileSync(config, JSON.stringify({ language: 'en', ...values }))
  const env: NodeJS.ProcessEnv = { DUPLISTATUS_CONFIG: config }
  return { database: join(folder, 'd.db'), env }
}

async function started(database: string, env: NodeJS.ProcessEnv): Promise<Served> {
  const served = await serveProcess(database, { env })
  onTestFinished(async () => {
    await served.stop('SIGKILL')
  })
  return served
}

/** A backup that began so many hours ago. */
function report(hours: number, result: 'Success' | 'Error'): string {
  const begin = new Date(Date.now() - hours * HOUR).toISOString()
  const failed = { ParsedResult: 'Error', ErrorsActualLength: 1 }
  return JSON.stringify(reportOf({ begin, data: result === 'Error' ? failed : {} }))
}

async function post(served: Served, body: string): Promise<number> {
  return (await fetch(`${served.url}/api/upload`, { method: 'POST', body })).status
}

describe('serve and its messages', { timeout: 90_000 }, () => {
  it('T56, T77: answers a report at once where ntfy hangs, and e-mail goes out meanwhile (T57)', async () => {
    const [ntfy, mail] = [await ntfyServer(), await mailServer()]
    ntfy.fault = () => true
    const { database, env } = place({
      ntfy: { url: ntfy.url, topic: 'backups' },
      smtp: { host: mail.host, port: mail.port, security: 'plain', from: 'a@mail.example', to: 'me@mail.example' },
    })
    const served = await started(database, env)
    for (const hours of [3, 2, 1]) expect(await post(served, report(hours, 'Error'))).toBe(200)
    await expect.poll(() => mail.received.length, WAIT).toBe(3)
    await expect.poll(() => ntfy.requests, WAIT).toBe(1)
    expect(await post(served, report(0, 'Error'))).toBe(200)
    await expect.poll(() => mail.received.length, WAIT).toBe(4)
    const outbox = JSON.parse((await runProgram(['notify', 'outbox', '--json', '--db', database], { env })).stdout)
    const waiting = outbox.messages.filter(({ state }: { state: string }) => state === 'waiting')
    expect(waiting.map(({ channel }: { channel: string }) => channel)).toEqual(['ntfy', 'ntfy', 'ntfy', 'ntfy'])
  })

  it('T42: tells a failure once and its end once, whatever is posted again or restarted', async () => {
    const ntfy = await ntfyServer()
    const { database, env } = place({ ntfy: { url: ntfy.url, topic: 'backups' } })
    const titles = () => ntfy.received.map(({ body }) => body.title)
    const first = await started(database, env)
    const [failed, good] = [report(2, 'Error'), report(1, 'Success')]
    for (let i = 0; i < 3; i++) expect(await post(first, failed)).toBe(200)
    await expect.poll(titles, WAIT).toEqual(['Documents on nas: Error'])
    expect(await first.stop()).toBe(0)

    const second = await started(database, env)
    for (const body of [failed, good, good]) expect(await post(second, body)).toBe(200)
    expect(await second.stop()).toBe(0)

    // A check runs at once at every start.
    const third = await started(database, env)
    await expect.poll(titles, WAIT).toEqual(['Documents on nas: Error', 'Documents on nas: well again'])
    for (const body of [good, failed, report(0, 'Error')]) expect(await post(third, body)).toBe(200)
    await expect.poll(titles, WAIT).toHaveLength(3)
    expect(await third.stop()).toBe(0)
    expect(titles().slice(2)).toEqual(['Documents on nas: Error'])
  })

  it('asks a server before it says that a backup is overdue, says it once, and once that it is over', async () => {
    const ntfy = await ntfyServer()
    const { database, env } = place({
      ntfy: { url: ntfy.url, topic: 'backups' },
      collect: { schedule: '* * * * *' },
      overdue: { check: '* * * * *' },
    })
    const now = Date.now()
    const secondsOf = (at: number) => new Date(Math.floor(at / 1000) * 1000).toISOString()
    const log = new RunLog(1, () => ({ operation: 'Backup', beganAt: now - 50 * HOUR, duration: 60 * 10_000_000 }))
    const schedule = { time: secondsOf(now - 26 * HOUR), repeat: '1D' }
    await using server = await SimulatedDuplicati.start({
      machineName: 'vault',
      jobs: [simJob({ id: '1', name: 'Docs', schedule, log })],
    })
    const password = { ...env, DUPLISTATUS_PASSWORD: server.password }
    const added = await runProgram(['server', 'add', server.url, '--db', database], { env: password })
    expect(added, added.stderr).toMatchObject({ code: 0 })
    const titles = () => ntfy.received.map(({ body }) => body.title)
    const first = await started(database, env)
    await expect.poll(titles, WAIT).toEqual(['Docs on vault: overdue'])
    const asked = server.count(/auth\/login/)
    expect(await first.stop()).toBe(0)

    const second = await started(database, env)
    await expect.poll(() => server.count(/auth\/login/), WAIT).toBeGreaterThan(asked)
    expect(await second.stop()).toBe(0)
    expect(titles()).toHaveLength(1)

    log.add({ operation: 'Backup', beganAt: Date.now() - 120_000, duration: 60 * 10_000_000 })
    const third = await started(database, env)
    await expect.poll(titles, WAIT).toEqual(['Docs on vault: overdue', 'Docs on vault: well again'])
    expect(await third.stop()).toBe(0)
  })
})
