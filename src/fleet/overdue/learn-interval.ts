import type { Pattern } from './learn.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Duplicati refuses shorter repeats; what is longer goes by the clock. */
const SHORTEST = 5 * MINUTE
const LONGEST = 20 * HOUR
/** The share of planned starts that must have been kept. */
const KEPT = 0.75
/** So many newest runs off the grid: it is another one now. */
const STRAY = 4

/**
 * The hours or minutes at which runs follow on each other: the gap that is met most often, if most runs lie on its grid.
 * @param starts newest first
 */
export function intervalPattern(starts: readonly number[]): Pattern | null {
  const gap = usualGap(starts)
  if (gap === null) return null
  const slack = Math.max(2 * MINUTE, gap / 8)
  const grids = starts.map((phase) => starts.filter((at) => distance(at, phase, gap) <= slack))
  const members = grids.reduce((most, grid) => (grid.length > most.length ? grid : most))
  const newest = members[0]
  const oldest = members.at(-1)
  if (newest === undefined || oldest === undefined) return null
  const slots = new Set(members.map((at) => Math.round((newest - at) / gap)))
  const span = Math.round((newest - oldest) / gap) + 1
  if (slots.size < span * KEPT) return null
  const early = Math.min(...members.map((at) => remainder(at, newest, gap)))
  const late = Math.max(...members.map((at) => remainder(at, newest, gap)))
  return {
    repeat: `${gap / MINUTE}m`,
    allowedDays: [],
    anchorAt: newest + early,
    agreeing: slots.size,
    slack,
    lateness: late - early,
    isBroken: starts.slice(0, STRAY).every((at) => !members.includes(at)),
  }
}

function usualGap(starts: readonly number[]): number | null {
  const counts = new Map<number, number>()
  for (const [index, at] of starts.entries()) {
    const older = starts[index + 1]
    if (older === undefined) break
    const gap = Math.round((at - older) / MINUTE) * MINUTE
    counts.set(gap, (counts.get(gap) ?? 0) + 1)
  }
  const [usual] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? []
  return usual === undefined || usual < SHORTEST || usual > LONGEST ? null : usual
}

function distance(at: number, phase: number, gap: number): number {
  return Math.abs(remainder(at, phase, gap))
}

/** How far after (or, below zero, before) the nearest point of the grid. */
function remainder(at: number, phase: number, gap: number): number {
  return at - phase - Math.round((at - phase) / gap) * gap
}
