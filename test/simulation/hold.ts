import type { Mode } from './monitor.ts'
import { simulateYear, type YearResult } from './year.ts'

/** In CI; `npm run bench` takes more. `SIMULATION_JOBS` and `SIMULATION_SEED` take others. */
const JOBS = 40

/** Simulates a year and prints what it takes to see it again. */
export async function holdYear(mode: Mode, usualSeed: number): Promise<YearResult> {
  const seed = numberFrom('SIMULATION_SEED') ?? usualSeed
  const jobs = numberFrom('SIMULATION_JOBS') ?? JOBS
  console.log(`Simulated year, ${mode}: SIMULATION_SEED=${seed} SIMULATION_JOBS=${jobs}`)
  const result = await simulateYear({ seed, mode, jobs })
  const { events, checks, messages } = result.counts
  console.log(`${mode}: ${events} events, ${checks} checks, ${messages} messages in ${result.seconds.toFixed(0)} s`)
  return result
}

function numberFrom(name: string): number | null {
  const text = process.env[name] ?? ''
  return text === '' ? null : Number(text)
}
