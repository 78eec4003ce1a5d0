import type { Pattern } from './learn.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Duplicati refuses shorter repeats; what is longer goes by the clock. */
const SHORTEST = 5 * MINUTE
const LONGEST = 20 * HOUR
/** The share of planned starts that must have been kept, and of runs that must have been planned ones. */
const KEPT = 0.75
/** So many newest runs off the grid: it is another one now. */
const STRAY = 4
/** How far from the usual gap that of the schedule may be, as a share of it. */
const NEAR = 1 / 8
/** The share of the runs that a rounder gap must still hold. */
const HELD = 0.9

/** Repeats that people choose, the roundest first. */
const ROUND = [60, 30, 15, 10, 5, 1].map((minutes) => minutes * MINUTE)

/**
 * The hours or minutes at which runs follow on each other, if most runs lie on that grid.
 * @param starts newest first
 */
export function intervalPattern(starts: readonly number[]): Pattern | null {
  const rough = usualGap(starts)
  if (rough === null || rough < SHORTEST * (1 - NEAR) || rough > LONGEST * (1 + NEAR)) return null
  const { gap, members, slots, span, early, late, slack } = roundest(starts, fullest(starts, rough))
  if (gap < SHORTEST || gap > LONGEST) return null
  const [newest] = members
  if (newest === undefined || members.length < starts.length * KEPT || slots < span * KEPT) return null
  return {
    repeat: `${gap / MINUTE}m`,
    allowedDays: [],
    anchorAt: newest + early,
    agreeing: slots,
    slack,
    lateness: late - early,
    isBroken: starts.slice(0, STRAY).every((at) => !members.includes(at)),
  }
}

interface Grid {
  gap: number
  /** The runs that lie on it, newest first. */
  members: number[]
  /** Planned starts that were kept, of so many. */
  slots: number
  span: number
  /** How far the members lie before and after its points. */
  early: number
  late: number
  slack: number
}

/** The grid of this gap on which most runs lie. */
function gridOf(starts: readonly number[], gap: number): Grid {
  const slack = Math.max(2 * MINUTE, gap / 8)
  const grids = starts.map((phase) => starts.filter((at) => Math.abs(remainder(at, phase, gap)) <= slack))
  const members = grids.reduce((most, grid) => (grid.length > most.length ? grid : most), [])
  const newest = members[0] ?? 0
  const numbers = members.map((at) => Math.round((newest - at) / gap))
  const offsets = members.map((at) => remainder(at, newest, gap))
  return {
    gap,
    members,
    slots: new Set(numbers).size,
    span: (numbers.at(-1) ?? 0) + 1,
    early: Math.min(...offsets),
    late: Math.max(...offsets),
    slack,
  }
}

/**
 * The gap that most others are like: not the same to the minute, as runs that wait for others in the queue begin later than planned,
 * now more and now less.
 */
function usualGap(starts: readonly number[]): number | null {
  const gaps = starts.slice(1).map((older, index) => (starts[index] ?? older) - older)
  let most: number[] = []
  for (const gap of gaps) {
    const alike = gaps.filter((other) => Math.abs(other - gap) <= Math.max(2 * MINUTE, gap / 8))
    if (alike.length > most.length) most = alike
  }
  return most.toSorted((a, b) => a - b)[most.length >> 1] ?? null
}

/**
 * The grid near this gap that holds most runs: the usual gap is only roughly that of the schedule where a run waits in the queue on
 * some days and on others does not, and a grid that is off by a little soon leaves all runs behind that lie further back.
 */
function fullest(starts: readonly number[], rough: number): Grid {
  const usual = gridOf(starts, rough)
  if (usual.members.length === starts.length) return usual
  const gaps = ROUND.flatMap((unit) => [Math.floor(rough / unit) * unit, Math.ceil(rough / unit) * unit])
  const near = gaps.filter((gap) => gap > 0 && Math.abs(gap - rough) <= rough * NEAR)
  return near.map((gap) => gridOf(starts, gap)).reduce(fuller, usual)
}

const fuller = (one: Grid, other: Grid) =>
  (other.members.length - one.members.length || one.late - one.early - (other.late - other.early)) > 0 ? other : one

/**
 * The roundest gap that the runs on the grid allow: the line through them is the less certain the more they wander and the fewer
 * they are. Not one that lets go of more than a few of them.
 */
function roundest(starts: readonly number[], grid: Grid): Grid {
  const { slope, error } = lineThrough(grid)
  const nearest = (unit: number) => Math.round(slope / unit) * unit
  const gaps = ROUND.map(nearest).filter((gap) => gap > 0 && Math.abs(gap - slope) <= error)
  for (const gap of gaps) {
    const rounded = gridOf(starts, gap)
    if (rounded.members.length >= grid.members.length * HELD) return rounded
  }
  return gridOf(starts, nearest(MINUTE))
}

/** The mean step from each run on the grid to the next one, and how far from it the true one may be. */
function lineThrough({ gap, members }: Grid): { slope: number; error: number } {
  const newest = members[0] ?? 0
  const points = members.map((at) => ({ number: Math.round((newest - at) / gap), before: newest - at }))
  const mean = (of: (point: (typeof points)[number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / Math.max(1, points.length)
  const [middle, center] = [mean(({ number }) => number), mean(({ before }) => before)]
  const width = mean(({ number }) => (number - middle) ** 2)
  if (width === 0) return { slope: gap, error: MINUTE / 2 }
  const slope = mean(({ number, before }) => (number - middle) * (before - center)) / width
  const rest = points.map(({ number, before }) => before - center - slope * (number - middle))
  const span = Math.max(1, points.at(-1)?.number ?? 1)
  return { slope, error: Math.max(MINUTE / 2, (Math.max(...rest) - Math.min(...rest)) / span) }
}

/** How far after (or, below zero, before) the nearest point of the grid. */
function remainder(at: number, phase: number, gap: number): number {
  return at - phase - Math.round((at - phase) / gap) * gap
}
