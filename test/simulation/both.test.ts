import { expect, it } from 'vitest'
import { holdYear } from './hold.ts'

it('tells every real problem of a year once, and nothing else, with reports and collection', {
  timeout: 240_000,
}, async () => {
  const { problems, counts } = await holdYear('both', 13)
  expect(problems).toEqual([])
  for (const kind of KINDS) expect([kind, counts[kind] ?? 0]).toEqual([kind, expect.toSatisfy((count) => count > 0)])
})

/** What a year must have had, or it has proved nothing. */
const KINDS = [
  'run',
  'overdue',
  'overdue:reminder',
  'recovery:overdue',
  'recovery:failed',
  'failedEarly',
  'unreachable',
  'recovery:unreachable',
]
