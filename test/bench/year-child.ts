// node test/bench/year-child.ts MODE SEED JOBS [DAYS]: a simulated year, or a part of it; prints what went wrong, and how long it took.
import type { Mode } from '../simulation/monitor.ts'
import { simulateYear } from '../simulation/year.ts'

const [mode = 'both', seed = '1', jobs = '40', days = '365'] = process.argv.slice(2)
const result = await simulateYear({ mode: mode as Mode, seed: Number(seed), jobs: Number(jobs), days: Number(days) })
process.stdout.write(JSON.stringify(result))
