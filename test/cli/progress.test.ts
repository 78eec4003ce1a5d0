import { describe, expect, it } from 'vitest'
import { progressLines } from '../../src/cli/progress.ts'

const bar = { label: 'nas', state: 'active' as const, jobs: 4, done: 2, rows: 300 }

describe('progress lines', () => {
  it('show a bar for each server and a sum', () => {
    const lines = progressLines([bar, { ...bar, label: 'office', state: 'failed', jobs: null }], {
      width: 79,
      room: 12,
      unicode: true,
    })
    expect(lines).toEqual([
      'nas                      ██████████░░░░░░░░░░ 2 of 4 jobs, 300 rows',
      'office                   ░░░░░░░░░░░░░░░░░░░░ failed',
      '1 of 2 servers, 1 failed, 600 log rows',
    ])
  })

  it('show only what is being asked where not all fit', () => {
    const bars = Array.from({ length: 60 }, (_, index) => ({
      ...bar,
      label: `server-${index}`,
      state: index < 20 ? ('done' as const) : index < 45 ? ('active' as const) : ('waiting' as const),
    }))
    const lines = progressLines(bars, { width: 79, room: 12, unicode: true })
    expect(lines).toHaveLength(13)
    expect(lines[0]).toContain('server-20')
    expect(lines.at(-1)).toContain('20 of 60 servers')
  })

  it('are never wider than the terminal, with names of any length and script', () => {
    for (const label of ['x'.repeat(200), '写真'.repeat(50)]) {
      for (const width of [20, 39, 79]) {
        const lines = progressLines([{ ...bar, label }], { width, room: 5, unicode: true })
        expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(width)
      }
    }
  })

  it('are ASCII where the terminal has no more', () => {
    expect(progressLines([{ ...bar, label: 'x'.repeat(99) }], { width: 79, room: 5, unicode: false }).join('')).toMatch(
      /^[\x20-\x7e]+$/,
    )
  })
})
