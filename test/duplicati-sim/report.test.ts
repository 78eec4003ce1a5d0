import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseReport } from '../../src/duplicati/report.ts'
import { demoFleet } from '../support/duplicati/fleet.ts'
import { ROOT } from '../support/program.ts'
import { differences, type Shape, shapeOf } from './shape.ts'

const RECORDINGS = join(ROOT, 'test/fixtures/recordings/2.3.0.4/reports')

/** Everything that recorded JSON reports of good backups have, together. */
function recordedShape(): Shape {
  const shape: Shape = new Map()
  for (const name of readdirSync(RECORDINGS).filter((name) => /success|scheduled|warning/.test(name))) {
    const { body } = JSON.parse(readFileSync(join(RECORDINGS, name), 'utf8'))
    const report = body.startsWith('{') ? JSON.parse(body) : null
    if (report?.Data?.MainOperation === 'Backup') shapeOf(report, '', shape)
  }
  return shape
}

it('a simulated report is one that Duplicati could have posted', async () => {
  const now = new Date('2026-11-24T12:00:00Z')
  const fleet = await demoFleet(now)
  const body = JSON.parse(fleet.reporter.report())
  await fleet.close()
  expect(differences(recordedShape(), shapeOf(body))).toEqual([])
  expect(parseReport(body, now)).toMatchObject({
    source: { machineName: 'vps' },
    backupId: 'DB-1',
    backupName: 'Databases',
    timeDoubted: false,
    run: { operation: 'Backup', status: 'Success', endedAt: expect.stringMatching(/^2026-11-24T11:59:/) },
  })
})
