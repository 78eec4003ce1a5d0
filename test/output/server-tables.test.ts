import { describe, expect, it } from 'vitest'
import { effectiveSettings } from '../../src/fleet/rules.ts'
import { createFormat } from '../../src/output/format.ts'
import { renderJob, renderJobs } from '../../src/output/job-table.ts'
import { createLook } from '../../src/output/look.ts'
import { renderOverdue } from '../../src/output/overdue-table.ts'
import { renderServer } from '../../src/output/server-tables.ts'
import { renderStatusTable } from '../../src/output/status-table.ts'
import { hoursAgo, jobOf, NOW, serverOf, statusOf } from '../support/views.ts'

const look = createLook({ color: false, unicode: true })
const format = createFormat({ locale: 'en-GB', timeZone: 'UTC', now: NOW, unknown: look.symbols.unknown })
const options = { look, format, now: NOW, width: 120, absolute: false }
const shown = async (...jobs: ReturnType<typeof jobOf>[]) =>
  (await renderServer(serverOf(), { jobs, kept: [], defaults: {} }, options)).slice(-jobs.length)

describe('the jobs of a server', () => {
  it('say of a planned start that it has passed', async () => {
    const late = { state: 'overdue', overdue: true, overdueSince: hoursAgo(4) } as const
    const [overdue, due, ahead] = await shown(
      jobOf({ name: 'A', expectedAt: hoursAgo(5), ...late }),
      jobOf({ name: 'B', expectedAt: hoursAgo(0.5) }),
      jobOf({ name: 'C' }),
    )
    expect(overdue).toMatch(/ 5h late /)
    expect(due).toMatch(/ due 30min ago /)
    expect(ahead).toMatch(/ in 21h /)
  })

  it('call a job that was removed in Duplicati so, as all lists do', async () => {
    const job = jobOf({ state: 'unmonitored', monitored: false, removed: true })
    const settings = effectiveSettings({})
    const own = Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, { value, source: 'default' }]))
    expect((await shown(job))[0]).toContain('○ removed in Duplicati')
    expect((await renderJobs([{ job, settings }], options)).at(-1)).toContain('○ removed in Duplicati')
    expect(renderJob(job, own as Parameters<typeof renderJob>[1], null, options).join('\n')).toMatch(
      /State +○ removed in Duplicati\n/,
    )
    expect((await shown(jobOf({ state: 'unmonitored', monitored: false })))[0]).toContain('○ unmonitored')
  })
})

it('means the end of a run by "Last run" everywhere', async () => {
  const job = jobOf({ state: 'overdue', overdue: true, overdueSince: hoursAgo(1), expectedAt: hoursAgo(2) })
  const screens = [
    await shown(job),
    await renderStatusTable({ view: statusOf([job]), servers: [serverOf()] }, options),
    await renderOverdue([{ ...job, lastNotifiedAt: null }], options),
  ]
  for (const lines of screens) expect(lines.join('\n')).not.toContain('3h ago')
  for (const lines of screens) expect(lines.join('\n')).toContain('2h ago')
  expect(renderJob(job, {}, null, options).join('\n')).toMatch(/Last run +24 Nov 2026, 09:06, Success\n/)
})
