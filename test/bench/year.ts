import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ROOT } from '../support/program.ts'
import type { Finding } from './measure.ts'

const JOBS = 200
const MODES = ['reports', 'collection', 'both']

/** The simulated year (test/simulation) of a larger fleet; takes minutes. */
export async function benchYear(): Promise<Finding[]> {
  const seed = Number(process.env.SIMULATION_SEED || 200)
  process.stderr.write(`Simulated years: SIMULATION_SEED=${seed}\n`)
  return Promise.all(MODES.map((mode) => yearOf(mode, seed)))
}

async function yearOf(mode: string, seed: number): Promise<Finding> {
  const child = spawn(process.execPath, [join(ROOT, 'test/bench/year-child.ts'), mode, String(seed), String(JOBS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { problems, seconds } = JSON.parse((await text(child.stdout)) || '{"problems":["it broke off"],"seconds":0}')
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  return {
    name: `simulated year of ${JOBS} jobs, ${mode} (${Math.round(seconds)} s)`,
    value: problems.length,
    unit: 'wrong messages',
    limit: 0,
    must: 'at most',
  }
}
