import { describe, expect, it } from 'vitest'
import type { RunFacts } from '../../src/duplicati/model.ts'
import { createIngest } from '../../src/ingest/index.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { quickAll } from '../../src/store/quick.ts'
import { exactRun, listedBackup, logRow, serverInfo } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const URL = 'http://nas:8200'
const OLD = { duplicatiVersion: '2.1.0.5' }
const at = (time: string) => new Date(`2026-11-20T${time}Z`)

/** A run of 2.1 that began at this time of the day and took a minute and some. */
function run(time: string, change: Partial<RunFacts> = {}): RunFacts {
  return exactRun(`2026-11-20T${time}Z`, 1_234_567, { ...OLD, durationSeconds: 61.7654321, ...change })
}

/** What happened to a monitor, in order. */
class Story {
  readonly store: WritableStore
  private constructor(store: WritableStore) {
    this.store = store
  }
  static async begin(): Promise<Story> {
    return new Story(await testStore())
  }

  report(job: string, told: RunFacts, receivedAt: Date, remoteCalls: number | null = 4) {
    const named = { backupId: `DB-${job}`, backupName: `Job ${job}` }
    return createIngest(this.store).addReported({
      machineId: 'A',
      machineName: 'nas',
      ...named,
      run: told,
      receivedAt,
      remoteCalls,
    })
  }

  /** A complete collection whose logs hold these rows, by job. */
  async collect(logs: Record<string, RunFacts[]>, when: Date, options: { serverId?: string } = {}) {
    const info = serverInfo({ ...OLD, machineId: 'A' })
    const collection = await createIngest(this.store).openCollection({ url: URL, info, at: when, ...options })
    for (const [job, runs] of Object.entries(logs)) {
      const backup = { backupId: job, name: `Job ${job}` }
      const rows = runs.map((one, i) => logRow(runs.length - i, one))
      if (rows.length > 0) await collection.addPage(backup, rows)
      await collection.completeLog(job, rows[0] ? { rowId: rows[0].id, fingerprint: rows[0].fingerprint } : null)
    }
    const backups = Object.keys(logs).map((job) => listedBackup({ backupId: job, name: `Job ${job}` }))
    await collection.finish({ backups, state: null, progress: null, notices: [] })
    return collection.serverId
  }

  /** Which runs each job has, and which of them count. */
  async seen() {
    const rows = quickAll<{ job: string; began: string; counting: number; aside: string | null; ways: string }>(
      this.store.db,
      `SELECT job.backup_id AS job, strftime('%H:%M', began_at / 1000, 'unixepoch') AS began, counting,
        set_aside AS aside, (SELECT group_concat(DISTINCT way) FROM run_source WHERE run_id = run.id) AS ways
        FROM run JOIN job ON job.id = run.job_id ORDER BY began_at`,
    )
    return rows.map(({ job, began, counting }) => `${job} ${began}${counting ? '' : ' aside'}`)
  }

  async counted() {
    const { jobs } = await this.store.read.status()
    return Object.fromEntries(jobs.map((job) => [job.backupId, job.runs]))
  }
}

describe('reports of 2.1 that name another job (T67)', () => {
  it('belong to the job whose log has the run, whichever comes first', async () => {
    const logs = { 1: [run('02:00:00')], 2: [run('03:00:00')] }
    const reportFirst = await Story.begin()
    await reportFirst.report('1', run('02:00:00'), at('02:02:00'))
    await reportFirst.report('1', run('03:00:00'), at('03:02:00'))
    expect(await reportFirst.seen()).toEqual(['1 02:00', '1 03:00'])
    await reportFirst.collect(logs, at('04:00:00'))
    expect(await reportFirst.seen()).toEqual(['1 02:00', '2 03:00'])
    expect(await reportFirst.counted()).toEqual({ 1: 1, 2: 1 })

    const collectedFirst = await Story.begin()
    await collectedFirst.report('1', run('01:00:00'), at('01:02:00'))
    await collectedFirst.collect({ 1: [run('02:00:00'), run('01:00:00')], 2: [run('03:00:00')] }, at('04:00:00'))
    await collectedFirst.report('1', run('03:00:00'), at('04:01:00'))
    expect(await collectedFirst.seen()).toEqual(['1 01:00', '1 02:00', '2 03:00'])
    expect(await collectedFirst.counted()).toEqual({ 1: 2, 2: 1 })
  })

  it('belong to the job whose log has the run, also when the reports are recognised as this server later', async () => {
    // The log of the job that was stopped is read first, when nobody knows yet whose reports these are.
    const logs = { 1: [run('03:00:00', { interrupted: true })], 2: [run('02:00:00')] }
    const told = async (story: Story) => {
      await story.report('2', run('03:00:00', { interrupted: true }), at('03:02:00'), 0)
      await story.report('2', run('02:00:00'), at('03:03:00'))
    }
    const duringCollection = await Story.begin()
    await told(duringCollection)
    await duringCollection.collect(logs, at('04:00:00'))
    const afterCollection = await Story.begin()
    await afterCollection.collect(logs, at('04:00:00'))
    await told(afterCollection)
    for (const story of [duringCollection, afterCollection]) {
      expect(await story.seen()).toEqual(['2 02:00', '1 03:00 aside'])
      expect(await story.counted()).toEqual({ 1: 0, 2: 1 })
      const [run] = quickAll(story.store.db, 'SELECT set_aside FROM run WHERE interrupted = 1')
      expect(run).toEqual({ set_aside: null })
    }
  })

  it('are set aside where a complete collection of a later time has no such row, such as of an aborted backup (T81)', async () => {
    const story = await Story.begin()
    await story.report('1', run('01:00:00'), at('01:02:00'))
    await story.report('1', run('02:00:00', { status: 'Fatal' }), at('02:02:00'))
    expect((await story.store.read.status()).jobs[0]?.facts.status).toBe('Fatal')
    await story.collect({ 1: [run('01:00:00')] }, at('03:00:00'))
    expect(await story.seen()).toEqual(['1 01:00', '1 02:00 aside'])
    expect((await story.store.read.status()).jobs[0]).toMatchObject({ runs: 1, facts: { status: 'Success' } })
  })

  it('are set aside as well when the report comes after the collection', async () => {
    const story = await Story.begin()
    await story.report('1', run('01:00:00'), at('01:02:00'))
    await story.collect({ 1: [run('01:00:00')] }, at('03:00:00'))
    await story.report('1', run('02:00:00'), at('03:01:00'))
    expect(await story.seen()).toEqual(['1 01:00', '1 02:00 aside'])
    await story.report('1', run('05:00:00'), at('05:02:00'))
    expect(await story.seen()).toEqual(['1 01:00', '1 02:00 aside', '1 05:00'])
  })

  it('count again when a row turns up after all', async () => {
    const story = await Story.begin()
    await story.report('1', run('01:00:00'), at('01:02:00'))
    await story.report('1', run('02:00:00'), at('02:02:00'))
    await story.collect({ 1: [run('01:00:00')] }, at('03:00:00'))
    expect(await story.seen()).toEqual(['1 01:00', '1 02:00 aside'])
    await story.collect({ 1: [run('02:00:00'), run('01:00:00')] }, at('04:00:00'))
    expect(await story.seen()).toEqual(['1 01:00', '1 02:00'])
    expect(await story.counted()).toEqual({ 1: 2 })
  })

  it('are not judged by a collection that was before they ended, nor by one that was broken off', async () => {
    const story = await Story.begin()
    await story.report('1', run('01:00:00'), at('01:02:00'))
    await story.collect({ 1: [run('01:00:00')] }, at('02:00:30'))
    await story.report('1', run('02:00:00'), at('02:02:00'))
    expect(await story.seen()).toEqual(['1 01:00', '1 02:00'])
    const info = serverInfo({ ...OLD, machineId: 'A' })
    const broken = await createIngest(story.store).openCollection({ url: URL, info, at: at('04:00:00') })
    await broken.addPage({ backupId: '1', name: 'Job 1' }, [logRow(1, run('01:00:00'))])
    await broken.fail({ code: 'unreachable', message: 'gone' })
    expect(await story.seen()).toEqual(['1 01:00', '1 02:00'])
  })

  it('stand as named where nobody collects, but for what a script stopped', async () => {
    const story = await Story.begin()
    const script = {
      level: 'warning' as const,
      at: null,
      tag: 'Duplicati.Library.Modules.Builtin.RunScript-ScriptExecuteError',
      text: 'x',
    }
    await story.report('1', run('01:00:00'), at('01:02:00'))
    await story.report('1', run('02:00:00', { interrupted: true }), at('02:02:00'), 0)
    await story.report('1', run('03:00:00', { status: 'Fatal', log: [script] }), at('03:02:00'), 0)
    await story.report('1', run('04:00:00', { status: 'Warning', log: [script] }), at('04:02:00'), 9)
    await story.report('1', run('05:00:00', { interrupted: true, duplicatiVersion: '2.3.0.4' }), at('05:02:00'), 0)
    expect(await story.seen()).toEqual(['1 01:00', '1 02:00 aside', '1 03:00 aside', '1 04:00', '1 05:00 aside'])
    const { jobs } = await story.store.read.status()
    expect(jobs[0]).toMatchObject({
      runs: 2,
      facts: { status: 'Warning', skippedAt: Date.parse('2026-11-20T05:01:01.888Z') },
    })
  })

  it('do not tell that a job is reported on, nor end what is live', async () => {
    const story = await Story.begin()
    await story.report('1', run('02:00:00', { interrupted: true }), at('02:02:00'), 0)
    expect((await story.store.read.status()).jobs[0]?.facts.lastReportAt).toBeNull()
  })

  it('leaves reports of later versions alone', async () => {
    const story = await Story.begin()
    const newer = { duplicatiVersion: '2.3.0.4' }
    await story.report('1', run('01:00:00', newer), at('01:02:00'))
    await story.collect({ 1: [run('01:00:00', newer)] }, at('03:00:00'))
    await story.report('1', run('02:00:00', newer), at('02:02:00'))
    await story.collect({ 1: [run('01:00:00', newer)] }, at('04:00:00'))
    expect(await story.seen()).toEqual(['1 01:00', '1 02:00'])
  })
})
