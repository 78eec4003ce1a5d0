import { describe, expect, it } from 'vitest'
import { createIngest } from '../../src/ingest/index.ts'
import { BOTH, DAY, GLOBALS, HOUR, pipeline, toldIn, wordsIn } from '../support/pipeline.ts'
import { inWholeSeconds, runFacts } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const NAS = { id: 'A', name: 'nas' }
const T0 = '2026-11-24T03:00:00Z'
const URL = 'https://nas.example:8200'

async function lab() {
  const lab = pipeline(await testStore())
  lab.at(T0)
  return lab
}

/** The settings of the only job. */
async function set({ store }: Awaited<ReturnType<typeof lab>>, settings: object) {
  const [job] = (await store.read.names()).jobs
  await store.settings.editJobs([job?.id ?? ''], { set: settings, inherit: [] })
}

describe('a run that has just come', () => {
  it('is told to those whom the rules select, with what the message needs', async () => {
    const at = await lab()
    const log = [{ level: 'warning' as const, at: null, tag: null, text: 'Failed to process path: /a\nAccess denied' }]
    const run = at.run({ status: 'Warning', warnings: 300, log })
    await at.report(NAS, run)
    const [event, ...others] = await toldIn(at.store)
    expect(others).toEqual([])
    expect(event?.to).toEqual(BOTH)
    expect(event?.data).toEqual({
      kind: 'run',
      server: { name: 'nas', alias: null, note: null, url: null },
      job: { name: 'Documents' },
      status: 'Warning',
      beganAt: Date.parse(run.beganAt),
      durationSeconds: 60.1234567,
      uploadedBytes: 110,
      storageBytes: 5000,
      sourceBytes: 1000,
      files: 10,
      versions: 3,
      messages: 0,
      warnings: 300,
      errors: 0,
      log: { lines: ['Failed to process path: /a'], omitted: 299 },
      lastSuccessAt: Date.parse(run.endedAt ?? ''),
      failuresInARow: 0,
    })
  })

  it.each([
    ['Success', {}, []],
    ['Error', {}, BOTH],
    ['Success', { notificationEvent: 'all' }, BOTH],
    ['Warning', { notificationEvent: 'errors' }, []],
    [
      'Fatal',
      { notificationEvent: 'off', additionalNotificationEvent: 'errors', additionalEmails: ['you@mail.example'] },
      ['email you@mail.example'],
    ],
  ] as const)('%s with %o', async (status, settings, to) => {
    const at = await lab()
    await at.report(NAS, at.run())
    await set(at, settings)
    at.pass(DAY)
    await at.report(NAS, at.run({ status }))
    expect((await toldIn(at.store)).map((event) => event.to)).toEqual(to.length === 0 ? [] : [to])
  })

  it('is one message whatever way it comes, and however often', async () => {
    const at = await lab()
    const run = at.run({ status: 'Error', errors: 1 })
    await at.report(NAS, run)
    await at.report(NAS, run)
    await at.report(NAS, inWholeSeconds(run))
    await at.collect(URL, [run])
    await at.collect(URL, [run])
    expect(await wordsIn(at.store)).toEqual(['run Error of Documents'])
  })

  it('is one message where the log came first, as another server', async () => {
    const at = await lab()
    const run = at.run({ status: 'Error', errors: 1 })
    await at.report(NAS, inWholeSeconds(run))
    await at.collect(URL, [run])
    const again = await lab()
    await again.collect(URL, [run])
    await again.report(NAS, inWholeSeconds(run))
    expect([await wordsIn(at.store), await wordsIn(again.store)]).toEqual(Array(2).fill(['run Error of Documents']))
    expect((await at.store.read.names()).servers).toHaveLength(1)
  })

  it('is another message where two machines begin in one second', async () => {
    const at = await lab()
    const beganAt = '2026-11-24T02:00:00.123Z'
    await at.report(NAS, runFacts({ beganAt, status: 'Fatal', durationSeconds: 1.5, beganTicks: 1 }))
    await at.report(
      { id: 'B', name: 'web' },
      runFacts({ beganAt, status: 'Fatal', durationSeconds: 1.5, beganTicks: 2 }),
    )
    expect((await toldIn(at.store)).map(({ data }) => 'server' in data && data.server.name)).toEqual(['nas', 'web'])
  })

  it('is told once by two processes that collect it at the same time', async () => {
    const store = await testStore()
    const other = await testStore({ file: store.file })
    const [one, two] = [pipeline(store), pipeline(other)]
    one.at(T0)
    two.at(T0)
    const run = one.run({ status: 'Error' })
    await one.collect(URL, [])
    await Promise.all([one.collect(URL, [run]), two.collect(URL, [run]), one.report(NAS, run), two.report(NAS, run)])
    expect(await wordsIn(store)).toEqual(['run Error of Documents'])
  })
})

describe('a run that is no news', () => {
  it('ended a day before it came: a first collection of a year of failures is silent', async () => {
    const at = await lab()
    const year = Array.from({ length: 365 }, (_, day) =>
      runFacts({ beganAt: new Date(Date.parse(T0) - (day + 1) * DAY - HOUR).toISOString(), status: 'Error' }),
    )
    await at.collect(URL, year)
    expect(await wordsIn(at.store)).toEqual([])
    const yesterday = runFacts({ beganAt: new Date(Date.parse(T0) - 23 * HOUR).toISOString(), status: 'Error' })
    await at.collect(URL, [yesterday])
    expect(await wordsIn(at.store)).toEqual(['run Error of Documents'])
  })

  it.each([
    ['interrupted', { interrupted: true }],
    ['a dry run', { dryRun: true }],
    ['another operation', { operation: 'Restore' }],
  ])('%s', async (_, change) => {
    const at = await lab()
    await at.report(NAS, at.run({ status: 'Error', ...change }))
    expect(await wordsIn(at.store)).toEqual([])
  })

  it('belongs to a job that is snoozed', async () => {
    const at = await lab()
    await at.report(NAS, at.run())
    const { jobs } = await at.store.read.names()
    await at.store.settings.snooze([jobs[0]?.id ?? ''], { until: Date.parse(T0) + 2 * DAY, reason: null })
    at.pass(DAY)
    await at.report(NAS, at.run({ status: 'Error' }))
    at.pass(DAY + HOUR)
    await at.report(NAS, at.run({ status: 'Error' }))
    expect((await toldIn(at.store)).length).toBe(1)
  })

  it('was set aside, until its log proves it', async () => {
    const at = await lab()
    const good = at.run({ duplicatiVersion: '2.1.0.5' })
    await at.report(NAS, good)
    await at.collect(URL, [good])
    at.pass(DAY)
    const run = at.run({
      status: 'Error',
      duplicatiVersion: '2.1.0.5',
      interrupted: false,
      log: [{ level: 'error', at: null, tag: 'X-RunScript-Y', text: 'no' }],
    })
    await at.report(NAS, run, { remoteCalls: 0 })
    expect(await wordsIn(at.store)).toEqual([])
    await at.collect(URL, [run])
    expect(await wordsIn(at.store)).toEqual(['run Error of Documents'])
  })

  it('finds nobody to tell', async () => {
    const store = await testStore()
    const none = pipeline(store, { ntfy: { configured: true, topic: null }, email: { configured: false, to: [] } })
    none.at(T0)
    await none.report(NAS, none.run({ status: 'Fatal' }))
    expect(await toldIn(store)).toEqual([])
  })
})

it('stores the run although what it tells cannot be written (T43)', async () => {
  const store = await testStore()
  const failures: unknown[] = []
  const ingest = createIngest(store, {
    notify: {
      globals: () => ({ ...GLOBALS, email: { configured: true, to: null as unknown as string[] } }),
      onFailure: (error) => failures.push(error),
    },
  })
  const { run, now } = await lab()
  const stored = await ingest.addReported({
    ...{ machineId: 'A', machineName: 'nas', backupId: 'DB-1', backupName: 'Documents' },
    ...{ run: run({ status: 'Error' }), receivedAt: now() },
  })
  expect([stored.new, failures.length]).toEqual([1, 1])
})

describe('a row of failures', () => {
  it('is told each night, and once that it is over, to those who heard of it', async () => {
    const at = await lab()
    await at.report(NAS, at.run())
    for (const status of ['Error', 'Fatal', 'Error', 'Success', 'Success'] as const) {
      at.pass(DAY)
      await at.report(NAS, at.run({ status }))
      await at.check()
      await at.check()
    }
    expect(await wordsIn(at.store)).toEqual([
      ...['run Error of Documents', 'run Fatal of Documents', 'run Error of Documents', 'recovery failed of Documents'],
    ])
    const recovery = (await toldIn(at.store)).at(-1)
    expect(recovery?.to).toEqual(BOTH)
    expect(recovery?.data).toMatchObject({ failuresInARow: 3, missedRuns: 0 })
    const { since = 0, endedAt = 0 } = (recovery?.data ?? {}) as { since?: number; endedAt?: number }
    expect(Math.round((endedAt - since) / HOUR)).toBe(72)
  })

  it('ends in silence where nobody heard of it', async () => {
    const at = await lab()
    await at.report(NAS, at.run())
    await set(at, { notificationEvent: 'off' })
    for (const status of ['Error', 'Success'] as const) {
      at.pass(DAY)
      await at.report(NAS, at.run({ status }))
      await at.check()
    }
    expect(await wordsIn(at.store)).toEqual([])
  })
})
