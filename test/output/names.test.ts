import { describe, expect, it } from 'vitest'
import { namesApart, renamed } from '../../src/output/names.ts'

describe('namesApart', () => {
  const nas = { id: 's1', name: 'nas' }
  const other = { id: 's2', name: 'nas' }
  const shed = { id: 's3', name: 'shed' }

  it('puts the id behind a name that several servers have', () => {
    const names = namesApart([nas, shed, other, nas])
    expect(Object.fromEntries(names)).toEqual({ s1: 'nas (s1)', s2: 'nas (s2)', s3: 'shed' })
    expect(renamed(other, names)).toEqual({ id: 's2', name: 'nas (s2)' })
  })

  it('leaves names alone that are told apart already, however often they come', () => {
    const names = namesApart([nas, shed, nas])
    expect(renamed(nas, names)).toBe(nas)
    expect(renamed(other, names)).toBe(other)
  })
})
