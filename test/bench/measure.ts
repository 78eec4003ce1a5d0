import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROGRAM, ROOT, temporaryFolder } from '../support/program.ts'

/** One thing that must hold: what was measured against its limit. */
export interface Finding {
  name: string
  value: number
  unit: string
  limit: number
  /** Whether the value must stay below or above the limit. */
  must: 'at most' | 'at least'
}

/** @param slack factor by which a limit may be missed: CI shares its cores, and a noisy moment is no regression */
export function holds({ value, limit, must }: Finding, slack = 1): boolean {
  return must === 'at most' ? value <= limit * slack : value >= limit / slack
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

const PAIRS = Number(process.env.BENCH_PAIRS ?? 15)

const env = {
  PATH: process.env.PATH,
  LANG: 'en_GB.UTF-8',
  TZ: 'UTC',
  HOME: process.env.HOME,
  COLUMNS: '120',
  FORCE_COLOR: '1',
}

/** Milliseconds of a whole Node process. */
function timed(args: string[], codes: readonly number[] = [0]): number {
  const started = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, args, {
    env,
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (!codes.includes(status ?? -1)) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return Number(process.hrtime.bigint() - started) / 1e6
}

/**
 * Whole-process times in pairs: each measured beside `node -e 0` (or `base`), so that the machine's noise hits both.
 * @param codes the exit codes that mean success
 */
export function pairedRatio(
  args: string[],
  base: string[] = ['-e', '0'],
  codes: readonly number[] = [0],
): { ratio: number; milliseconds: number } {
  timed(args, codes)
  const pairs = Array.from({ length: PAIRS }, () => ({ base: timed(base), own: timed(args, codes) }))
  return { ratio: median(pairs.map(({ base, own }) => own / base)), milliseconds: median(pairs.map(({ own }) => own)) }
}

/** As `pairedRatio`, with both on a terminal of 120 columns: what is drawn there is laid out, what is piped is not. */
export async function pairedTerminalRatio(args: string[], base: string[] = ['-e', '0']): Promise<number> {
  const { spawn } = await import('@lydell/node-pty')
  const onTerminal = (command: string[]) =>
    new Promise<number>((resolve, reject) => {
      const started = performance.now()
      const given = { ...env, TERM: 'xterm-256color' }
      const terminal = spawn(process.execPath, command, { cols: 120, rows: 40, cwd: ROOT, env: given })
      let shown = ''
      terminal.onData((text) => {
        shown = (shown + text).slice(-2_000)
      })
      terminal.onExit(({ exitCode }) => {
        if (exitCode === 0) resolve(performance.now() - started)
        else reject(new Error(`${command.join(' ')} ended with ${exitCode}: ${shown}`))
      })
    })
  await onTerminal(args)
  const ratios: number[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const bare = await onTerminal(base)
    ratios.push((await onTerminal(args)) / bare)
  }
  return median(ratios)
}

/** Peak resident memory of one run in MB, told by the process itself when it ends. */
export function peakMegabytes(args: string[], more: NodeJS.ProcessEnv = {}): number {
  using folder = temporaryFolder()
  const file = join(folder.path, 'peak')
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', join(ROOT, 'test/bench/report-peak.js'), PROGRAM, ...args],
    { env: { ...env, ...more, PEAK_FILE: file }, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return Number(readFileSync(file, 'utf8')) / 1024
}

/** In a process of its own: the larger this one is, the longer each fork takes, and the smaller every ratio looks. */
export function seedInChild(file: string, servers: number, runsPerJob: number): void {
  const script = join(ROOT, 'test/bench/seed.ts')
  const { status, stderr } = spawnSync(process.execPath, [script, file, String(servers), String(runsPerJob)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The database could not be made: ${stderr}`)
}
