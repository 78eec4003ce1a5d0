import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HistoryView, RunView, ShowView, StatusView } from '../../src/fleet/model.ts'
import { COMMANDS, SERVERS } from './support/commands.ts'
import { Daemon } from './support/daemon.ts'
import { changeJob, fill, type MadeJob, makeJob, numbered } from './support/jobs.ts'
import { RealServer } from './support/server.ts'
import { until } from './support/until.ts'
import { User } from './support/user.ts'

/** Every way in which Duplicati can be told to post, as options of a job; URL stands for the receiver's address. */
const STYLES: Record<string, Record<string, string>> = {
  'JSON body': { '--send-http-json-urls': 'URL' },
  'form of text': { '--send-http-form-urls': 'URL' },
  'plain address': { '--send-http-url': 'URL' },
  'plain address, JSON': { '--send-http-url': 'URL', '--send-http-result-output-format': 'Json' },
  'JSON and form': { '--send-http-json-urls': 'URL', '--send-http-form-urls': 'URL' },
  'two receivers in one option': { '--send-http-json-urls': 'URL;URL&again=1' },
  'other names in the form': {
    '--send-http-form-urls': 'URL',
    '--send-http-message-parameter-name': 'report',
    '--send-http-extra-parameters': 'customer=Müller&site=2',
  },
  PUT: { '--send-http-url': 'URL', '--send-http-verb': 'PUT' },
  'all lines': {
    '--send-http-json-urls': 'URL',
    '--send-http-log-level': 'Information',
    '--send-http-max-log-lines': '0',
  },
}

/** Locales whose dates, decimal points and calendars differ; each server runs in one. */
const LOCALES = ['de_DE.UTF-8', 'ar_SA.UTF-8', 'ja_JP.UTF-8']

describe.skipIf(COMMANDS.length === 0).each(SERVERS)('reports of $name', ({ command }) => {
  let server: RealServer
  let user: User
  let daemon: Daemon
  let address: string
  const jobs = new Map<string, MadeJob>()

  beforeAll(async () => {
    const locale = LOCALES[SERVERS.findIndex((one) => one.command === command) % LOCALES.length] ?? 'C'
    server = await RealServer.start(command, { timeZone: 'Asia/Kolkata', locale })
    user = new User()
    const { secret } = await user.json<{ secret: string }>(['token', 'create', 'fleet', '--role', 'report'])
    daemon = await Daemon.start(user)
    address = `${daemon.url}/api/upload?token=${secret}`
    await user.add(server.url)
    fill(server.path('src/documents'), numbered('letter', 4, 5_000))
    for (const [style, options] of Object.entries(STYLES))
      jobs.set(style, await makeJob(server, specOf(style, options)))
  })

  afterAll(async () => {
    await daemon?.stop()
    await server?.destroy()
    user?.leave()
  })

  function specOf(style: string, options: Record<string, string>, source = 'src/documents') {
    const settings = Object.fromEntries(
      Object.entries(options).map(([name, value]) => [name, value.replaceAll('URL', address)]),
    )
    return { name: style, source, destination: `dst/${style.replaceAll(/\W/g, '-')}`, settings }
  }

  async function runsOf(job: string, more: string[] = []): Promise<RunView[]> {
    const found = await user.json<StatusView>(['status'])
    const known = found.jobs.find(({ name }) => name === job)
    return known ? (await user.json<HistoryView>(['history', `${known.server.id}/${known.id}`, ...more])).runs : []
  }

  /** Waits for what comes by post: Duplicati posts when the run is over. */
  function arrived(job: string, count: number, more: string[] = []): Promise<RunView[]> {
    return until(
      `${count} runs of ${job}`,
      () => runsOf(job, more),
      (runs) => runs.length >= count,
    )
  }

  async function collect(): Promise<void> {
    await user.text(['collect', '--all'])
  }

  it('arrive in every style, while the server is collected, each run once', async () => {
    let isOver = false
    const collecting = (async () => {
      while (!isOver) await user.run(['collect', '--all', '--json'])
    })()
    for (const job of jobs.values()) await server.api.run(job.id)
    isOver = true
    await collecting
    const reported = await Promise.all([...jobs.keys()].map(async (style) => [style, await arrived(style, 1)] as const))
    await collect()
    for (const [style, before] of reported) {
      const after = await runsOf(style)
      expect(after, style).toHaveLength(1)
      expect(after[0]?.sources.toSorted(), style).toEqual(['collect', 'report'])
      expect(before[0]?.sources, style).toContain('report')
      expect(after[0], style).toMatchObject({ operation: 'Backup', status: 'Success', examinedFiles: 4, addedFiles: 4 })
    }
    const { monitor, summary } = await user.json<StatusView>(['status'])
    expect(monitor.quarantined).toBe(0)
    expect(summary).toMatchObject({ servers: 1, jobs: jobs.size, runs: jobs.size })
  })

  it('of other operations are no backups', async () => {
    const job = await changeJob(server, jobs.get('JSON body') as MadeJob, {
      settings: { '--send-http-json-urls': address, '--send-http-any-operation': 'true' },
    })
    for (const operation of ['verify', 'compact']) await server.api.operate(job.id, operation, {})
    const all = await until(
      'a report of a verification',
      () => runsOf('JSON body', ['--operation', 'all']),
      (runs) => runs.some(({ operation, sources }) => operation === 'Test' && sources.includes('report')),
    )
    expect(all.filter(({ operation }) => operation === 'Backup')).toHaveLength(1)
  })

  it('of failures say what is wrong', async () => {
    const job = await makeJob(server, specOf('No source', STYLES['form of text'] ?? {}, 'src/gone'))
    const { rmSync } = await import('node:fs')
    rmSync(server.path('src/gone'), { recursive: true })
    await server.api.run(job.id).catch(() => {})
    const [run] = await arrived('No source', 1)
    expect(['Error', 'Fatal', 'Warning']).toContain(run?.status)
    const { run: shown, log } = await user.json<ShowView>(['show', String(run?.id)])
    expect(shown.exception ?? log.map(({ text }) => text).join('\n')).toContain('gone')
  })

  it('are switched on for the whole server by one command, and a report proves it', async () => {
    const job = await makeJob(server, specOf('Set up from here', {}))
    const [known] = (await user.json<StatusView>(['status'])).jobs
    const name = String(known?.server.name)
    const given = ['server', 'setup-reporting', name, '--url', daemon.url]
    await user.text([...given, '--dry-run'])
    expect(await server.api.get<Record<string, string>>('/serversettings')).not.toHaveProperty('--send-http-json-urls')
    const waiting = user.run([...given, '--yes', '--verify'])
    await until('the settings are there', async () => {
      const settings = await server.api.get<Record<string, string>>('/serversettings')
      return settings['--send-http-json-urls']?.startsWith(`${daemon.url}/api/upload?token=`)
    })
    await server.api.run(job.id)
    const { code, stdout, stderr } = await waiting
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
    expect(stdout + stderr).not.toMatch(/token=[^…\s]/)
    expect(await arrived('Set up from here', 1)).toHaveLength(1)
    await user.text([...given, '--remove', '--yes'])
    expect(await server.api.get<Record<string, string>>('/serversettings')).not.toHaveProperty('--send-http-json-urls')
  })

  it("leave no trace of trouble in Duplicati's own log", async () => {
    const told = await server.api.notifications()
    const aboutSending = told.filter(({ Message, Title }) => /http|report|send/i.test(`${Title} ${Message}`))
    expect(aboutSending.filter(({ Message }) => !Message.includes('gone'))).toEqual([])
    expect(daemon.log).not.toMatch(/token=[A-Za-z0-9_-]{8}/)
  })

  it('end with a daemon that stops when it is told to', async () => {
    expect(await daemon.stop()).toBe(0)
    expect((await user.json<StatusView>(['status'])).summary.runs).toBeGreaterThan(jobs.size)
  })
})
