import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'
import { PROGRAM, ROOT } from '../support/program.ts'
import { type Finding, median, pairedRatio } from './measure.ts'

/** `check` as cron runs it, and an overdue check of a large fleet as the daemon makes it. */
export async function benchOverdue(folder: string): Promise<Finding[]> {
  const small = join(folder, 'small.db')
  const large = join(folder, 'large.db')
  seedInChild(small, 5, 100)
  seedInChild(large, 1_000, 10)
  const { milliseconds, megabytes } = await overdueChecks(large)
  const about = 'overdue check of 10,000 jobs'
  return [
    {
      name: 'check, 50 jobs',
      // The fleet has overdue jobs: CRITICAL.
      value: pairedRatio([PROGRAM, 'check', '--db', small], undefined, [2]).ratio,
      unit: '× node -e 0',
      limit: 4,
      must: 'at most',
    },
    { name: about, value: median(milliseconds), unit: 'ms', limit: 300, must: 'at most' },
    { name: `${about}, the first one`, value: milliseconds[0] ?? Number.NaN, unit: 'ms', limit: 600, must: 'at most' },
    { name: `${about}, memory`, value: megabytes, unit: 'MB', limit: 150, must: 'at most' },
  ]
}

/** In a process of its own, bundled as the program is: from the sources alone Node needs 40 MB to read them. */
async function overdueChecks(file: string): Promise<{ milliseconds: number[]; megabytes: number }> {
  const outfile = join(ROOT, 'node_modules/.cache/overdue-child.mjs')
  await build({
    entryPoints: [join(ROOT, 'test/bench/overdue-child.ts')],
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', external: ['better-sqlite3'], logLevel: 'warning' },
  })
  const { status, stdout, stderr } = spawnSync(process.execPath, [outfile, file, new Date().toISOString()], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The overdue checks failed: ${stderr}`)
  return JSON.parse(stdout)
}

function seedInChild(file: string, servers: number, runsPerJob: number): void {
  const script = join(ROOT, 'test/bench/seed.ts')
  const { status, stderr } = spawnSync(process.execPath, [script, file, String(servers), String(runsPerJob)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The database could not be made: ${stderr}`)
}
