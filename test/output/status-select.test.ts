import { describe, expect, it } from 'vitest'
import { selectJobs, sortJobs } from '../../src/output/status-select.ts'
import { jobOf, serverOf } from '../support/views.ts'

const servers = [
  serverOf(),
  serverOf({ id: 's2', name: 'web', alias: 'web', machineName: 'WEB', url: 'https://host.example:8200/base' }),
]
const jobs = [
  jobOf({ id: 'j1', name: 'Backup 10', state: 'ok', sourceBytes: 5 }),
  jobOf({ id: 'j2', name: 'backup 2', state: 'overdue', overdue: true, status: 'Warning', sourceBytes: null }),
  jobOf({
    id: 'j3',
    name: 'Mail',
    server: { id: 's2', name: 'web' },
    state: 'warning',
    status: 'Warning',
    sourceBytes: 9,
  }),
]
const ids = (list: typeof jobs) => list.map(({ id }) => id)

describe('selecting', () => {
  it.each([
    ['MAIL', ['j3']],
    ['host.example', ['j3']],
    ['nas', ['j1', 'j2']],
    ['j2', ['j2']],
    ['nothing', []],
  ])('by text %j', (text, expected) => {
    expect(ids(selectJobs(jobs, servers, { text }))).toEqual(expected)
  })

  it('by words of status or state, in any case', () => {
    expect(ids(selectJobs(jobs, servers, { words: ['WARNING'] }))).toEqual(['j2', 'j3'])
    expect(ids(selectJobs(jobs, servers, { words: ['overdue', 'ok'] }))).toEqual(['j1', 'j2'])
  })

  it('only what is overdue', () => {
    expect(ids(selectJobs(jobs, servers, { overdue: true }))).toEqual(['j2'])
  })

  it('refuses a word that means nothing', () => {
    expect(() => selectJobs(jobs, servers, { words: ['bad'] })).toThrow('--status: "bad" is no status')
  })
})

describe('sorting', () => {
  it('reads numbers in names as numbers, and no case', () => {
    expect(ids(sortJobs(jobs, ['server', 'job']))).toEqual(['j2', 'j1', 'j3'])
  })

  it('puts the worst first by status', () => {
    expect(ids(sortJobs(jobs, ['status']))).toEqual(['j2', 'j3', 'j1'])
  })

  it('turns single keys and the whole order round, unknown values last', () => {
    expect(ids(sortJobs(jobs, ['size']))).toEqual(['j1', 'j3', 'j2'])
    expect(ids(sortJobs(jobs, ['-size']))).toEqual(['j3', 'j1', 'j2'])
    expect(ids(sortJobs(jobs, ['size'], true))).toEqual(['j3', 'j1', 'j2'])
    expect(ids(sortJobs(jobs, ['-server', 'job']))).toEqual(['j3', 'j2', 'j1'])
  })

  it('keeps the jobs of two servers of one name apart, in either direction', () => {
    const named = (id: string, server: string, name: string) => jobOf({ id, name, server: { id: server, name: 'vm' } })
    const twins = [named('a1', 's10', 'A'), named('b1', 's2', 'B'), named('a2', 's2', 'A'), named('b2', 's10', 'B')]
    expect(ids(sortJobs(twins, ['server', 'job']))).toEqual(['a2', 'b1', 'a1', 'b2'])
    expect(ids(sortJobs(twins, []))).toEqual(['a2', 'b1', 'a1', 'b2'])
    expect(ids(sortJobs(twins, ['-server']))).toEqual(['a1', 'b2', 'a2', 'b1'])
  })

  it('refuses an unknown key', () => {
    expect(() => sortJobs(jobs, ['colour'])).toThrow('--sort: "colour" is no sort key')
  })
})
