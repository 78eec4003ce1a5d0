import { describe, expect, it } from 'vitest'
import { DAY, HOUR, type Machine, MINUTE, pipeline, wordsIn } from '../support/pipeline.ts'
import { testStore } from '../support/store.ts'

const START = Date.parse('2026-11-02T00:00:00Z')
const A_NAS = { id: 'A', name: 'nas' }
const D_NAS = { id: 'D', name: 'nas' }

/** Who reports at which time of the day, from one night on until before another. */
interface Habit {
  machine: Machine
  at: number
  from: number
  until?: number
}

/** Nights of machines that report, told with or without their next start, and a check every half hour. */
async function nights(habits: Habit[], days: number, tellsNext: boolean) {
  const lab = pipeline(await testStore({ sync: 'close' }))
  for (let time = START; time < START + days * DAY; time += HOUR / 2) {
    lab.at(time)
    for (const { machine, at, from, until = days } of habits) {
      const day = Math.floor((time - START) / DAY)
      if (day < from || day >= until || START + day * DAY + at !== time) continue
      lab.at(time + 5 * MINUTE)
      const durationSeconds = 290 + day / 1000 + habits.length + at / 1e9
      const run = lab.run({ beganAt: new Date(time).toISOString(), durationSeconds })
      await lab.report(machine, run, tellsNext ? { nextScheduledRun: new Date(time + DAY).toISOString() } : {})
    }
    await lab.check()
  }
  const { servers, jobs } = await lab.store.read.status()
  const { remarks } = await lab.store.read.monitor()
  return {
    words: await wordsIn(lab.store),
    servers: servers.map(({ view }) => `${view.machineIds} ${view.name}`).sort(),
    runs: jobs.map(({ runs }) => runs).sort(),
    remarks: remarks.length,
  }
}

describe.each([
  ['that tell their next start', true],
  ['that do not', false],
])('machines whose id or name changes, by reports %s (identity)', (_, tellsNext) => {
  it('case 6: one of two that stops is overdue', async () => {
    const habits = [
      { machine: { id: 'A', name: 'localhost' }, at: 2 * HOUR, from: 0, until: 8 },
      { machine: { id: 'B', name: 'localhost' }, at: 2.5 * HOUR, from: 0 },
    ]
    const { words, servers } = await nights(habits, 9, tellsNext)
    expect(words).toEqual(['overdue of Documents'])
    expect(servers).toEqual(['A localhost', 'B localhost'])
  })

  it('case 7: one that was installed anew is the same, with one history and no alert', async () => {
    const habits = [
      { machine: A_NAS, at: 2 * HOUR, from: 0, until: 8 },
      { machine: D_NAS, at: 2 * HOUR, from: 8 },
    ]
    expect(await nights(habits, 12, tellsNext)).toMatchObject({ words: [], servers: ['A,D nas'], runs: [12] })
  })

  it('case 8: one that keeps another time is not taken for the same', async () => {
    const habits = [
      { machine: A_NAS, at: 2 * HOUR, from: 0, until: 8 },
      { machine: D_NAS, at: 11 * HOUR, from: 8 },
    ]
    const { words, servers } = await nights(habits, 9, tellsNext)
    expect(words).toEqual(['overdue of Documents'])
    expect(servers).toEqual(['A nas', 'D nas'])
  })

  it('case 10: one that was renamed is the same', async () => {
    const habits = [
      { machine: { id: 'A', name: 'web1' }, at: 2 * HOUR, from: 0, until: 8 },
      { machine: { id: 'A', name: 'web2' }, at: 2 * HOUR, from: 8 },
    ]
    const { words, servers, runs } = await nights(habits, 12, tellsNext)
    expect({ words, servers: servers.length, runs }).toEqual({ words: [], servers: 1, runs: [12] })
  })

  it('case 11: two that were taken for one are parted when both report', async () => {
    const habits = [
      { machine: A_NAS, at: 2 * HOUR, from: 0, until: 8 },
      { machine: D_NAS, at: 2 * HOUR, from: 8 },
      { machine: A_NAS, at: 3 * HOUR, from: 10 },
    ]
    const { servers, runs, remarks } = await nights(habits, 12, tellsNext)
    expect({ servers, runs, remarks }).toEqual({ servers: ['A nas', 'D nas'], runs: [10, 4], remarks: 1 })
  })
})
