import { join } from 'node:path'
import { PROGRAM } from '../support/program.ts'
import { type Finding, pairedRatio, pairedTerminalRatio, peakMegabytes, seedInChild } from './measure.ts'

/** `status` and `--version` as whole processes against `node -e 0`, and against a short history. */
export async function benchStatus(folder: string): Promise<Finding[]> {
  const database = (jobs: number, runsPerJob: number) => {
    const file = join(folder, `${jobs}x${runsPerJob}.db`)
    seedInChild(file, jobs / 10, runsPerJob)
    return file
  }
  const small = database(50, 250)
  const smallShort = database(50, 2)
  const large = database(1_000, 250)
  const largeShort = database(1_000, 2)

  const command = (file: string, ...more: string[]) => [PROGRAM, 'status', '--db', file, ...more]
  const ratio = (name: string, args: string[], limit: number, base?: string[]): Finding => ({
    name,
    value: pairedRatio(args, base).ratio,
    unit: base ? '× the same with 2 runs a job' : '× node -e 0',
    limit,
    must: 'at most',
  })
  const peak = (name: string, args: string[]): Finding => ({
    name,
    value: peakMegabytes(args),
    unit: 'MB',
    limit: 120,
    must: 'at most',
  })
  return [
    ratio('--version', [PROGRAM, '--version'], 3),
    ratio('status, 50 jobs × 250 runs', command(small), 5),
    ratio('status, 50 jobs × 250 runs', command(small), 1.3, command(smallShort)),
    ratio('status --json, 1,000 jobs × 250 runs', command(large, '--json'), 4.5),
    ratio('status --json, 1,000 jobs × 250 runs', command(large, '--json'), 1.3, command(largeShort, '--json')),
    ratio('status, 1,000 jobs × 250 runs', command(large), 10),
    {
      name: 'status on a terminal, 1,000 jobs × 250 runs',
      value: await pairedTerminalRatio(command(large)),
      unit: '× node -e 0',
      limit: 10,
      must: 'at most',
    },
    ratio('status, 1,000 jobs × 250 runs', command(large), 1.3, command(largeShort)),
    peak('status, 1,000 jobs, memory', ['status', '--db', large]),
    peak('status --json, 1,000 jobs, memory', ['status', '--json', '--db', large]),
  ]
}
