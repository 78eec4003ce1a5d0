import { describe, expect, it } from 'vitest'
import type { Backup, RunFacts } from '../../src/duplicati/model.ts'
import { runOverdueCheck } from '../../src/ingest/overdue-check.ts'
import { openStore } from '../../src/store/index.ts'
import { setListening, setStopped } from '../../src/store/monitor.ts'
import { pruneOutbox } from '../../src/store/outbox.ts'
import { BOTH, DAY, GLOBALS, HOUR, MINUTE, pipeline, toldIn, wordsIn } from '../support/pipeline.ts'
import { listedBackup, logRow } from '../support/run-facts.ts'
import { testStore } from '../support/store.ts'

const NAS = { id: 'A', name: 'nas' }
const T0 = '2026-11-24T02:00:00Z'
const URL = 'https://nas.example:8200'
const iso = (at: number) => new Date(at).toISOString()

type Lab = ReturnType<typeof pipeline>

async function lab(): Promise<Lab> {
  const at = pipeline(await testStore())
  at.at(T0)
  return at
}

/** A night's run that tells when the next one is planned. */
async function night(at: Lab, status: 'Success' | 'Error' = 'Success', next = DAY): Promise<void> {
  await at.report(NAS, at.run({ status }), { nextScheduledRun: iso(at.now().getTime() + next - 2 * MINUTE) })
}

describe('a job that only reports', () => {
  it('is told to be overdue once, then by the schedule of reminders, and once that it is over', async () => {
    const at = await lab()
    await night(at)
    for (let hour = 0; hour < 20 * 24; hour++) {
      at.pass(HOUR)
      await at.check()
    }
    await night(at)
    await at.check()
    await at.check()
    expect(await wordsIn(at.store)).toEqual([
      ...['overdue of Documents', 'overdue again 1 of Documents', 'overdue again 2 of Documents'],
      ...['overdue again 3 of Documents', 'recovery overdue of Documents'],
    ])
    const told = await toldIn(at.store)
    expect(told.map(({ to }) => to)).toEqual(Array(5).fill(BOTH))
    expect(told[0]?.data).toMatchObject({
      expectedAt: Date.parse(T0) + DAY - 2 * MINUTE,
      toleranceSeconds: 3600,
      lastSuccessAt: expect.any(Number),
      reminder: 0,
    })
    expect(told.at(-1)?.data).toMatchObject({ problem: 'overdue', failuresInARow: 0 })
  })

  it.each([
    ['skipped by a script', { interrupted: true }],
    ['aborted', { interrupted: true, status: 'Error' }],
    ['a dry run', { dryRun: true }],
  ] as const)(
    'has no backup in a night that is %s, and is told so once a night at most (T66, T70)',
    async (_, change) => {
      const at = await lab()
      await night(at)
      at.pass(DAY - 2 * MINUTE)
      const next = () => ({ nextScheduledRun: iso(at.now().getTime() + DAY - 2 * MINUTE) })
      await at.report(NAS, at.run(change), next())
      await at.check()
      expect(await wordsIn(at.store)).toEqual([])
      at.pass(2 * HOUR)
      await at.check()
      await at.check()
      expect(await wordsIn(at.store)).toEqual(['overdue of Documents'])
      at.pass(22 * HOUR)
      await night(at)
      await at.check()
      expect(await wordsIn(at.store)).toEqual(['overdue of Documents', 'recovery overdue of Documents'])
    },
  )

  it('is waited for by its first plan where it never made a backup', async () => {
    const at = await lab()
    for (let day = 0; day < 2; day++) {
      const next = { nextScheduledRun: iso(at.now().getTime() + DAY - 2 * MINUTE) }
      await at.report(NAS, at.run({ interrupted: true, status: 'Error' }), next)
      at.pass(DAY - 2 * MINUTE)
      await at.check()
    }
    at.pass(2 * HOUR)
    await at.check()
    expect(await wordsIn(at.store)).toEqual(['overdue of Documents'])
  })

  it('is told with the usual interval, where reports tell the next start alone', async () => {
    const at = await lab()
    for (let day = 0; day < 8; day++) {
      await night(at)
      at.pass(DAY - 2 * MINUTE)
    }
    at.pass(3 * HOUR)
    await at.check()
    expect((await toldIn(at.store)).map(({ data }) => data)).toMatchObject([{ kind: 'overdue', interval: '1D' }])
  })

  it('is told to be over also months later, whatever was tidied up meanwhile', async () => {
    const at = await lab()
    await night(at)
    const config = { toleranceSeconds: 3600, zone: 'UTC', reminder: 'once', stormLimit: 10, globals: GLOBALS } as const
    const check = () => at.check({ config })
    at.pass(2 * DAY)
    await check()
    await at.store.transaction(async (tx) => {
      await tx.updateTable('outbox').set({ state: 'sent' }).execute()
      expect(await pruneOutbox(tx, at.now().getTime() + 90 * DAY)).toBe(0)
    })
    at.pass(100 * DAY)
    await night(at)
    await check()
    expect((await toldIn(at.store)).at(-1)).toMatchObject({ data: { kind: 'recovery' }, to: BOTH })
    await at.store.transaction(async (tx) => {
      await tx.updateTable('outbox').set({ state: 'sent' }).execute()
      expect(await pruneOutbox(tx, at.now().getTime() + DAY)).toBe(2)
    })
  })

  it('is not told of while it is snoozed, nor that it is over', async () => {
    const at = await lab()
    await night(at)
    const [job] = (await at.store.read.names()).jobs
    await at.store.settings.snooze([job?.id ?? ''], { until: Date.parse(T0) + 3 * DAY, reason: 'holidays' })
    at.pass(2 * DAY)
    await at.check()
    await night(at)
    await at.check()
    expect(await wordsIn(at.store)).toEqual([])
  })

  it.each([
    ['standard destinations, whatever runs are told', { notificationEvent: 'off' }, BOTH],
    ['one whose switch is on', { ntfyEnabled: false }, BOTH.slice(0, 1)],
    ['additional ones', { additionalNtfyTopic: 'mine', additionalNotificationEvent: 'errors' }, [...BOTH, 'ntfy mine']],
    ['not additional ones that are off', { additionalNtfyTopic: 'mine', additionalNotificationEvent: 'off' }, BOTH],
    ['nobody, where it is not watched', { monitored: false }, null],
  ] as const)('is told to %s', async (_, settings, to) => {
    const at = await lab()
    await night(at)
    const [job] = (await at.store.read.names()).jobs
    await at.store.settings.editJobs([job?.id ?? ''], { set: settings, inherit: [] })
    at.pass(2 * DAY)
    await at.check()
    expect((await toldIn(at.store)).map((event) => event.to)).toEqual(to === null ? [] : [to])
  })

  it('is judged by nothing that could not come in while the monitor was away', async () => {
    const at = await lab()
    await night(at)
    await at.check()
    at.pass(22 * HOUR)
    await at.check()
    at.pass(20 * HOUR)
    const startedAt = at.now().getTime()
    const check = () => at.check({ listeningSince: startedAt })
    await check()
    at.pass(HOUR)
    await check()
    expect(await wordsIn(at.store)).toEqual([])
    expect((await at.store.read.monitor()).downtimes).toEqual([{ from: startedAt - 20 * HOUR, to: startedAt }])
  })

  it.each([
    ['daily', 1, 1, 7],
    ['daily', 3, 1, 7],
    ['weekly', 1, 7, 7],
    ['weekly', 3, 7, 7],
    ['monthly', 2, 30, 60],
  ])(
    'is missed in the end where the monitor was away for its first silence: %s, %i runs',
    async (_, nights, gap, by) => {
      const at = await lab()
      for (let i = 0; i < nights; i++) {
        if (i > 0) at.pass(gap * DAY - 2 * MINUTE)
        await night(at, 'Success', gap * DAY)
      }
      const due = at.now().getTime() + gap * DAY
      at.at(due - 10 * MINUTE)
      await at.check()
      at.pass(20 * MINUTE)
      await at.check({ listeningSince: due + 10 * MINUTE })
      let told: number | null = null
      for (let hours = 0; hours < 100 * 24 && told === null; hours++) {
        await at.check()
        if ((await wordsIn(at.store)).length > 0) told = at.now().getTime() - due
        at.pass(HOUR)
      }
      expect((told ?? 0) / DAY).toBeGreaterThan(by)
      expect((told ?? 0) / DAY).toBeLessThan(by + 0.25)
      await night(at, 'Success', gap * DAY)
      await at.check()
      expect(await wordsIn(at.store)).toEqual(['overdue of Documents', 'recovery overdue of Documents'])
    },
  )

  it('ends failures and lateness with one message', async () => {
    const at = await lab()
    await night(at)
    at.pass(DAY)
    await night(at, 'Error')
    await at.check()
    at.pass(2 * DAY)
    await at.check()
    await night(at)
    await at.check()
    expect(await wordsIn(at.store)).toEqual([
      ...['run Error of Documents', 'overdue of Documents', 'recovery overdue of Documents'],
    ])
    expect((await toldIn(at.store)).at(-1)?.data).toMatchObject({ failuresInARow: 1 })
  })
})

describe('a job whose server can be asked', () => {
  const schedule = (time: number) => ({ id: '1', time: iso(time), repeat: '1D', allowedDays: [], lastRun: null })

  /** Collected an hour before its start. */
  async function collected() {
    const at = await lab()
    const due = Date.parse(T0) + HOUR
    const serverId = await at.collect(URL, [at.run()], [{ schedule: schedule(due) }])
    await at.store.servers.setSecrets(serverId, { password: 'sealed' })
    await at.check()
    return { at, due, serverId }
  }

  it('is overdue only when the server was asked and had no run', async () => {
    const { at, due } = await collected()
    at.pass(3 * HOUR)
    const asked: string[][] = []
    const ask = async (ids: string[]) => {
      asked.push(ids)
      await at.collect(URL, [], [{ schedule: schedule(due) }])
    }
    await at.check()
    expect(await wordsIn(at.store)).toEqual([])
    await at.check({ ask })
    await at.check({ ask })
    expect(asked).toEqual([['s1']])
    expect(await wordsIn(at.store)).toEqual(['overdue of Documents'])
  })

  it('is well when the answer has the run', async () => {
    const { at, due } = await collected()
    at.pass(3 * HOUR)
    const run = at.run({ beganAt: iso(due + 100) })
    await at.check({ ask: async () => void (await at.collect(URL, [run], [{ schedule: schedule(due + DAY) }])) })
    expect(await wordsIn(at.store)).toEqual([])
  })

  it.each([
    ['is running', { activeBackupId: '1' }],
    ['waits in the queue', { queuedBackupIds: ['1'] }],
    ['is held back by a pause', { paused: { until: null } }],
  ])('is not overdue while it %s', async (_, state) => {
    const { at, due } = await collected()
    at.pass(3 * HOUR)
    await at.check({ ask: async () => void (await at.collect(URL, [], [{ schedule: schedule(due) }], state)) })
    expect(await wordsIn(at.store)).toEqual([])
  })

  it('is one alert of its server when that cannot be reached, and nothing more than its end afterwards', async () => {
    const { at, due, serverId } = await collected()
    const fail = async () => {
      await at.store.servers.setError(serverId, { code: 'unreachable', message: 'no answer' })
    }
    at.pass(3 * HOUR)
    await at.check({ ask: fail })
    at.pass(HOUR)
    await at.check({ ask: fail })
    expect(await wordsIn(at.store)).toEqual(['unreachable of nas'])
    expect((await toldIn(at.store))[0]?.data).toMatchObject({ jobs: 1, message: 'no answer' })
    const run = at.run({ beganAt: iso(due + 100) })
    await at.check({ ask: async () => void (await at.collect(URL, [run], [{ schedule: schedule(due + DAY) }])) })
    expect(await wordsIn(at.store)).toEqual(['unreachable of nas', 'recovery unreachable of nas'])
  })

  it('is told once of a failure that left no run, and when a good run ends it', async () => {
    const { at, due } = await collected()
    const failing = async () => {
      const collection = await at.ingest.openCollection({ url: URL, info: INFO, at: at.now() })
      const told = { lastErrorAt: iso(due + 1000), lastErrorMessage: 'The script failed' }
      const backups = [listedBackup({ schedule: schedule(due + DAY) }, told)]
      await collection.finish({ backups, state: null, progress: null, notices: [] })
    }
    at.pass(3 * HOUR)
    await failing()
    await at.check()
    await at.check()
    at.pass(HOUR)
    await at.collect(URL, [at.run()], [{ schedule: schedule(due + DAY) }])
    await at.check()
    expect(await wordsIn(at.store)).toEqual(['failedEarly of Documents', 'recovery failedEarly of Documents'])
    expect((await toldIn(at.store)).at(-1)?.data).toMatchObject({ missedRuns: 0, failuresInARow: 1 })
  })

  it('is told once of a failure that a report of 2.1 told before it was set aside, and stays failed (T67)', async () => {
    const at = await lab()
    const old = { duplicatiVersion: '2.1.0.5' }
    const good = at.run(old)
    await at.report(NAS, good, { remoteCalls: 4 })
    at.pass(HOUR)
    const failed = at.run({ ...old, status: 'Fatal', exception: 'No source folder', durationSeconds: 0.0012 })
    const collect = async (metadata: Partial<Backup['metadata']>, runs: RunFacts[] = []) => {
      const info = { ...INFO, ...old, machineId: 'A' }
      const collection = await at.ingest.openCollection({ url: URL, info, at: at.now() })
      const backup = listedBackup({ schedule: schedule(at.now().getTime() + DAY) }, metadata)
      const rows = [...runs, good].map((run, i) => logRow(2 - i, run))
      await collection.addPage(backup, rows)
      await collection.completeLog('1', null)
      await collection.finish({ backups: [backup], state: null, progress: null, notices: [] })
    }
    await at.report(NAS, failed, { remoteCalls: 4 })
    at.pass(HOUR)
    await collect({ lastErrorAt: failed.beganAt, lastErrorMessage: 'No source folder' })
    await at.check()
    const [job] = (await at.store.read.status()).jobs
    expect(job).toMatchObject({ runs: 1, facts: { status: 'Success', failure: { message: 'No source folder' } } })
    at.pass(HOUR)
    await collect({}, [at.run(old)])
    await at.check()
    expect(await wordsIn(at.store)).toEqual(['run Fatal of Documents', 'recovery failedEarly of Documents'])
  })
})

const INFO = {
  ...{ machineId: 'B', machineName: 'nas', duplicatiVersion: '2.3.0.4', timeZone: 'UTC' },
  ...{ keepClockTime: true, serverTime: null },
}

describe('many alerts at once', () => {
  async function fleet(count: number) {
    const at = await lab()
    const all = async () => {
      for (let machine = 0; machine < count; machine++) {
        const run = at.run({ beganTicks: machine, durationSeconds: 60 + machine / 1e3 })
        const nextScheduledRun = iso(at.now().getTime() + DAY)
        await at.report({ id: `M${machine}`, name: `pc${machine}` }, run, { nextScheduledRun })
      }
    }
    await all()
    return { at, all }
  }

  it('become one message for each destination, and so does their end', async () => {
    const { at, all } = await fleet(11)
    at.pass(2 * DAY)
    await at.check()
    expect(await wordsIn(at.store)).toEqual(['storm of 11'])
    expect((await toldIn(at.store))[0]).toMatchObject({
      to: BOTH,
      data: {
        recovered: false,
        items: expect.arrayContaining([{ server: 'pc3', job: 'Documents', problem: 'overdue' }]),
      },
    })
    await all()
    await at.check()
    expect(await wordsIn(at.store)).toEqual(['storm of 11', 'calm of 11'])
    expect((await toldIn(at.store))[1]?.to).toEqual(BOTH)
  })

  it('tell a customer of nothing but their own', async () => {
    const { at, all } = await fleet(11)
    const [, , third] = (await at.store.read.names()).jobs
    const own = { additionalEmails: ['customer@mail.example'], additionalNotificationEvent: 'errors' as const }
    await at.store.settings.editJobs([third?.id ?? ''], { set: own, inherit: [] })
    at.pass(2 * DAY)
    await at.check()
    await all()
    await at.check()
    const told = await toldIn(at.store)
    const toCustomer = told.filter(({ to }) => to.includes('email customer@mail.example'))
    expect(toCustomer.map(({ data, to }) => [data.kind, to.length])).toEqual([
      ['overdue', 1],
      ['recovery', 1],
    ])
    expect(toCustomer[0]?.data).toMatchObject({ server: { name: 'pc2' } })
  })

  it('stay messages of their own up to the limit', async () => {
    const { at } = await fleet(10)
    at.pass(2 * DAY)
    await at.check()
    expect(await wordsIn(at.store)).toEqual(Array(10).fill('overdue of Documents'))
  })
})

describe('two processes', () => {
  it('that check at the same moment open an alert once, and tell of it once', async () => {
    const at = await lab()
    await night(at)
    at.pass(2 * DAY)
    const other = await openStore({ file: at.store.file, mode: 'write' })
    try {
      await Promise.all([at.check(), at.check({ store: other }), at.check(), at.check({ store: other })])
      at.pass(DAY + HOUR)
      await Promise.all([at.check(), at.check({ store: other })])
      await night(at)
      await Promise.all([at.check({ store: other }), at.check()])
    } finally {
      await other.close()
    }
    expect(await wordsIn(at.store)).toEqual([
      ...['overdue of Documents', 'overdue again 1 of Documents', 'recovery overdue of Documents'],
    ])
  })
})

it('tells of the last failures alone, where a success came between two checks', async () => {
  const at = await lab()
  await night(at, 'Success')
  at.pass(2 * HOUR)
  await night(at, 'Error')
  await at.check()
  at.pass(2 * HOUR)
  await night(at, 'Success')
  at.pass(2 * HOUR)
  const again = at.now().getTime()
  await night(at, 'Error')
  await at.check()
  at.pass(5 * MINUTE)
  await night(at, 'Success')
  await at.check()
  const end = (await toldIn(at.store)).at(-1)?.data
  expect(end).toMatchObject({ kind: 'recovery', problem: 'failed', failuresInARow: 1 })
  expect(end && 'since' in end ? end.since : 0).toBeGreaterThan(again - 10 * MINUTE)
})

it('does not take a missing report for a missing backup where the daemon was ended', async () => {
  const at = await lab()
  await night(at, 'Success', HOUR)
  const { store } = at
  await store.transaction((tx) => setListening(tx, at.now().getTime() + HOUR - 10 * MINUTE))
  await store.transaction((tx) => setStopped(tx, at.now().getTime() + HOUR - 9 * MINUTE))
  const config = { toleranceSeconds: 60, zone: 'UTC', reminder: 'once', stormLimit: 10, globals: GLOBALS } as const
  at.pass(HOUR + 4 * MINUTE)
  const check = () => runOverdueCheck({ store, config, now: at.now, listeningSince: null })
  expect(await check()).toMatchObject({ overdue: 0, opened: 0 })
  // Killed, it would have been taken to listen for a while yet.
  await store.transaction((tx) => setListening(tx, at.now().getTime() - MINUTE))
  expect(await check()).toMatchObject({ overdue: 1, opened: 1 })
})

it('opens nothing where the run came between the look and the writing', async () => {
  const at = await lab()
  await night(at)
  at.pass(2 * DAY)
  const { store } = at
  const late = Object.assign(Object.create(store), {
    transaction: async <T>(work: Parameters<typeof store.transaction<T>>[0]) => {
      await night(at)
      return store.transaction(work)
    },
  })
  await at.check({ store: late, listeningSince: null })
  expect(await wordsIn(store)).toEqual([])
})

it('remembers when it was, and when the next one is to be', async () => {
  const at = await lab()
  const nextAt = at.now().getTime() + 5 * MINUTE
  await at.check({ nextAt })
  expect(await at.store.read.monitor()).toMatchObject({
    lastCheckAt: Date.parse(T0),
    nextCheckAt: nextAt,
    listeningAt: Date.parse(T0),
  })
})
