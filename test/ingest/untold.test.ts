import { describe, expect, it } from 'vitest'
import type { Globals } from '../../src/fleet/rules.ts'
import { openAlerts } from '../../src/store/alerts.ts'
import { BOTH, DAY, GLOBALS, HOUR, MINUTE, pipeline, toldIn, wordsIn } from '../support/pipeline.ts'
import { testStore } from '../support/store.ts'

const T0 = '2026-11-24T02:00:00Z'
const NOBODY: Globals = { ntfy: { configured: false, topic: null }, email: { configured: false, to: [] } }
const NO_TOPIC: Globals = { ...NOBODY, ntfy: { configured: true, topic: null } }

/** Machines that report one good run each, and a check as a daemon with these destinations makes it. */
async function lab(machines = 1) {
  const at = pipeline(await testStore())
  at.at(T0)
  const report = async () => {
    const nextScheduledRun = new Date(at.now().getTime() + DAY - 2 * MINUTE).toISOString()
    for (let n = 1; n <= machines; n++) {
      const run = at.run({ beganTicks: n, durationSeconds: 60 + n / 1e3 })
      await at.report({ id: `M${n}`, name: `m${n}` }, run, { nextScheduledRun })
    }
  }
  const check = (globals: Globals) =>
    at.check({ config: { toleranceSeconds: 3600, zone: 'UTC', reminder: 'once', stormLimit: 10, globals } })
  await report()
  return { ...at, report, check }
}

describe('an alert that was opened before anybody was to be told', () => {
  it('is told as soon as somebody is, once, as if it had been opened then, and its end too', async () => {
    const at = await lab()
    at.pass(2 * DAY)
    await at.check(NOBODY)
    expect(await wordsIn(at.store)).toEqual([])
    at.pass(5 * MINUTE)
    await at.check(GLOBALS)
    expect(await toldIn(at.store)).toMatchObject([{ data: { kind: 'overdue', reminder: 0 }, to: BOTH }])
    for (let hour = 0; hour < 20 * 24; hour++) {
      at.pass(HOUR)
      await at.check(GLOBALS)
    }
    await at.report()
    await at.check(GLOBALS)
    expect(await wordsIn(at.store)).toEqual(['overdue of Documents', 'recovery overdue of Documents'])
  })

  it('is told when only this job has a destination of its own', async () => {
    const at = await lab()
    at.pass(2 * DAY)
    await at.check(NO_TOPIC)
    const [job] = (await at.store.read.names()).jobs
    await at.store.settings.editJobs([job?.id ?? ''], { set: { additionalNtfyTopic: 'mine' }, inherit: [] })
    await at.check(NO_TOPIC)
    await at.check(NO_TOPIC)
    expect(await toldIn(at.store)).toMatchObject([{ data: { kind: 'overdue' }, to: ['ntfy mine'] }])
  })

  it('is one message with the others, where there are many', async () => {
    const at = await lab(12)
    at.pass(2 * DAY)
    await at.check(NOBODY)
    await at.check(GLOBALS)
    await at.check(GLOBALS)
    await at.report()
    await at.check(GLOBALS)
    expect(await wordsIn(at.store)).toEqual(['storm of 12', 'calm of 12'])
  })

  it('ends without a word, and waits for the end of a snooze', async () => {
    const at = await lab()
    at.pass(2 * DAY)
    await at.check(NOBODY)
    const [job] = (await at.store.read.names()).jobs
    await at.store.settings.snooze([job?.id ?? ''], { until: at.now().getTime() + HOUR, reason: null })
    await at.check(GLOBALS)
    expect(await wordsIn(at.store)).toEqual([])
    at.pass(2 * HOUR)
    await at.check(NOBODY)
    await at.report()
    await at.check(GLOBALS)
    expect(await wordsIn(at.store)).toEqual([])
    expect(await openAlerts(at.store.db)).toEqual([])
  })
})
