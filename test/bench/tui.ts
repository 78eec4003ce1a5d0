import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { openTui, Pty } from '../support/pty.ts'
import { type Finding, median, seedInChild } from './measure.ts'

const STARTS = 9
const PRESSES = 150
const CHANGES = 6
/** Long enough that a tick of ten milliseconds is a tenth of a per cent. */
const IDLE_SECONDS = 12
/** USER_HZ on Linux: what /proc counts processor time in. */
const TICKS_PER_SECOND = 100
const SIZE = { columns: 140, rows: 40, timeout: 30_000 }

/** The interface on 2,000 jobs, as a person meets it: a real terminal, the built program. */
export async function benchTui(folder: string): Promise<Finding[]> {
  const file = join(folder, 'tui.db')
  seedInChild(file, 200, 30)
  const first = await firstFrame(file)
  await using tui = await openTui(file, SIZE)
  const keys = await keyToFrame(tui)
  const idle = await idleShare(tui)
  const memory = peakOf(tui)
  const finding = (name: string, value: number, unit: string, limit: number): Finding => ({
    name: `tui, 2,000 jobs, ${name}`,
    value,
    unit,
    limit,
    must: 'at most',
  })
  return [
    finding('first frame', first, '× node -e 0', 12),
    finding('key to frame, median', median(keys), 'ms', 50),
    finding('key to frame, 99 of 100', percentile(keys, 0.99), 'ms', 100),
    finding('idle', idle, '% of a core', 1),
    finding('memory', memory, 'MB', 180),
    { ...finding('', await changeToFrame(folder), 'ms', 1_000), name: 'tui, 5,000 jobs, change to frame, longest' },
  ]
}

async function firstFrame(file: string): Promise<number> {
  const ratios: number[] = []
  for (let start = 0; start <= STARTS; start++) {
    const bareBegan = performance.now()
    spawnSync(process.execPath, ['-e', '0'])
    const bare = performance.now() - bareBegan
    const began = performance.now()
    const tui = new Pty(['tui', '--db', file], SIZE)
    let shown = 0
    while (!tui.raw.includes(' live')) shown = await tui.nextFrame()
    const own = shown - began
    await tui[Symbol.asyncDispose]()
    // The first one fills the compile cache.
    if (start > 0) ratios.push(own / bare)
  }
  return median(ratios)
}

/** From a commit of another process to the screen, also where one follows right after the other. */
async function changeToFrame(folder: string): Promise<number> {
  const file = join(folder, 'tui-5000.db')
  seedInChild(file, 500, 2)
  await using tui = await openTui(file, SIZE)
  await pause(2_000)
  let longest = 0
  for (let at = 1; at <= CHANGES; at++) {
    const db = new Database(file)
    db.prepare('UPDATE job SET name = ? WHERE id = 1').run(`New ${at}`)
    db.close()
    const began = performance.now()
    await tui.waitFor(`New ${at}`)
    longest = Math.max(longest, performance.now() - began)
  }
  return longest
}

/** From a key to the end of the frame that answers it; one key at a time, through rows, pages and a filter. */
async function keyToFrame(tui: Pty): Promise<number[]> {
  const keys = ['G', 'k', 'k', '\u001b[5~', 'g', 'j', 'j', '\u001b[6~', 's', 'p', 'p']
  const times: number[] = []
  for (let press = 0; press < PRESSES; press++) {
    const frame = tui.nextFrame()
    const began = performance.now()
    tui.press(keys[press % keys.length] ?? 'j')
    const at = await Promise.race([frame, pause(2_000).then(() => null)])
    // At an end of the list a key changes nothing, and nothing is drawn.
    if (at !== null) times.push(at - began)
    // A person is never quicker; so the limit on frames is not what is measured.
    await pause(40)
  }
  if (times.length < PRESSES * 0.8) throw new Error(`${PRESSES} keys drew ${times.length} frames\n${tui.text()}`)
  return times
}

async function idleShare(tui: Pty): Promise<number> {
  await pause(2_000)
  const before = processorTicks(tui.pid)
  await pause(IDLE_SECONDS * 1000)
  return ((processorTicks(tui.pid) - before) / TICKS_PER_SECOND / IDLE_SECONDS) * 100
}

/** User and system time of a process (proc(5), fields 14 and 15 of stat). */
function processorTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function peakOf(tui: Pty): number {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${tui.pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
