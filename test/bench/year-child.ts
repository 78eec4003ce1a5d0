// node test/bench/year-child.ts MODE SEED JOBS: a simulated year; prints what went wrong, and how long it took.
import type { Mode } from '../simulation/monitor.ts'
import { simulateYear } from '../simulation/year.ts'

const [mode = 'both', seed = '1', jobs = '40'] = process.argv.slice(2)
const result = await simulateYear({ mode: mode as Mode, seed: Number(seed), jobs: Number(jobs) })
process.stdout.write(JSON.stringify(result))
