import { describe, expect, it } from 'vitest'
import { jobOf } from '../support/views.ts'
import { hostile, manyJobs, Session, snapshotOf } from './support.ts'

const names = (session: Session) => session.lines().flatMap((line) => /Job \d+/.exec(line)?.[0] ?? [])
const selected = (session: Session) => session.lines().find((line) => line.startsWith('▌'))

describe('moving', () => {
  it('goes through rows by arrows and letters, and stops at both ends', () => {
    const session = new Session(manyJobs(3))
    expect(session.view.selected).toBe('j1')
    expect(session.press('j', 'down').view.selected).toBe('j3')
    expect(session.press('j').view.selected).toBe('j3')
    expect(session.press('k', 'up', 'up').view.selected).toBe('j1')
  })

  it('keeps the selected row on the screen through thousands of jobs', () => {
    const session = new Session(manyJobs(5_000))
    const moves = [['G'], ['pageup'], ['g'], ['pagedown', 'pagedown'], ['end', 'k', 'k'], ['home'], ['space']]
    for (const keys of moves) {
      session.press(...keys)
      const name = session.state.snapshot?.jobById.get(session.view.selected ?? '')?.name
      expect(selected(session), keys.join()).toContain(name)
    }
    expect(session.press('G').view.selected).toBe('j5000')
    expect(names(session).length).toBeGreaterThan(20)
  })

  it('keeps the selection by its id when rows come and go', () => {
    const session = new Session(manyJobs(50)).press('j', 'j', 'j')
    expect(session.view.selected).toBe('j4')
    const more = snapshotOf([jobOf({ id: 'j99', name: 'Aaa' }), ...manyJobs(50).jobs])
    session.send({ type: 'snapshot', snapshot: more, now: session.state.now })
    expect(session.view.selected).toBe('j4')
    expect(selected(session)).toContain('Job 4')
    const without = snapshotOf(manyJobs(50).jobs.filter(({ id }) => id !== 'j4'))
    session.send({ type: 'snapshot', snapshot: without, now: session.state.now })
    expect(session.view.selected, 'what stands in its place').toBe('j6')
  })

  it('moves through cards in two directions', () => {
    const session = new Session(manyJobs(20), { columns: 119, rows: 40 }).press('t')
    expect(session.press('right').view.selected).toBe('j2')
    expect(session.press('down').view.selected).toBe('j5')
    expect(session.press('h', 'up').view.selected).toBe('j1')
    expect(session.press('G').view.selected).toBe('j20')
    expect(session.text()).toContain('Job 20')
  })

  it('skips the headlines of groups, and shows the first one', () => {
    const session = new Session(hostile()).press('b')
    expect(session.lines().some((line) => line.startsWith('nas ('))).toBe(true)
    session.press('G', 'g')
    expect(session.view.top).toBe(0)
    expect(session.press('b').text()).toContain('overdue (1)')
  })
})

describe('filtering', () => {
  it('works while it is typed, says how many fit, and Esc ends it', () => {
    const session = new Session(manyJobs(30)).press('/').type('nas')
    expect(session.view.filter).toBe('nas')
    session.press('ctrl-u').type('b 2')
    expect(names(session)).toHaveLength(11)
    expect(session.text()).toContain('Jobs  11 of 30  filter "b 2"')
    expect(session.text()).toContain('Filter: b 2')
    session.press('backspace').type('30').press('enter')
    expect(session.state.input).toBeNull()
    expect(names(session), 'it stays').toEqual(['Job 30'])
    session.press('esc')
    expect(names(session).length).toBeGreaterThan(11)
  })

  it('shows what does not fit after !', () => {
    const session = new Session(manyJobs(12)).press('/').type('!b 1')
    expect(names(session)).toEqual(['Job 2', 'Job 3', 'Job 4', 'Job 5', 'Job 6', 'Job 7', 'Job 8', 'Job 9'])
  })

  it('is left by Esc while it is typed, and edited by the usual keys', () => {
    const session = new Session(manyJobs(12)).press('/').type('job 1 x').press('ctrl-w')
    expect(session.view.filter).toBe('job 1 ')
    expect(session.press('ctrl-u').view.filter).toBe('')
    expect(session.type('zzz').text()).toContain('None of 12 jobs fits')
    expect(session.press('esc').state).toMatchObject({ input: null, views: [{ filter: '' }] })
  })

  it('takes a paste as text: no key in it is pressed', () => {
    const session = new Session(manyJobs(3))
    session.send({ type: 'paste', text: 'qC\r' })
    expect(session.effects).toEqual([])
    session.press('/').send({ type: 'paste', text: 'job\u001b[31m\n2' })
    expect(session.view.filter).toBe('job [31m 2')
  })

  it('leaves the healthy ones out with p, and finds by alias, address and id', () => {
    const session = new Session(hostile()).press('p')
    expect(session.text()).toContain('problems only')
    expect(session.text()).not.toContain('Documents')
    expect(session.text()).toContain('overdue')
    expect(new Session(hostile()).press('/').type('文書').text()).toContain('Mail')
  })

  it('sorts and turns round', () => {
    const session = new Session(hostile()).press('s')
    expect(session.state.list.sort).toBe('status')
    expect(session.lines().find((line) => /[✗✓] /.test(line))).toContain('overdue')
    expect(session.press('i').text()).toContain('by status (reverse)')
  })
})

describe('cards', () => {
  it('say by what they are grouped, and so does the table', () => {
    const session = new Session(hostile()).press('b')
    for (const text of ['grouped by server', 'grouped by status']) {
      expect(session.lines()[0], 'the table').toContain(text)
      expect(session.press('t').lines()[0], 'the cards').toContain(text)
      session.press('t', 'b')
    }
    expect(session.lines()[0]).not.toContain('grouped')
  })
})

describe('views', () => {
  it('select on the page of a server the job that one comes from', () => {
    const session = new Session(manyJobs(9)).press('j', 'j', 'enter', 'S')
    expect(session.view).toMatchObject({ name: 'server', selected: 'j3', index: 2 })
  })

  it('are left the way they were entered', () => {
    const session = new Session(manyJobs(9)).press('j', 'enter')
    expect(session.view).toMatchObject({ name: 'job', id: 'j2' })
    expect(session.press('v').view).toMatchObject({ name: 'versions', id: 'j2' })
    expect(session.press('esc', 'S').view).toMatchObject({ name: 'server', id: 's1' })
    expect(session.press('esc', 'esc').view).toMatchObject({ name: 'jobs', selected: 'j2' })
    expect(session.press('esc', 'esc').view).toMatchObject({ name: 'jobs' })
  })

  it('do not pile up', () => {
    const session = new Session(manyJobs(3)).press('w', 'w', 'A', 'w', 'A', 'w')
    expect(session.state.views.length).toBeLessThan(4)
  })

  it('say what is missing instead of doing nothing', () => {
    expect(new Session(snapshotOf([])).press('v').state.notice?.text).toBe('No job is selected')
    expect(new Session(snapshotOf([])).press('c').state.notice?.text).toBe('No server is selected')
  })
})

describe('actions', () => {
  it('ask before they destroy, and only y is a yes', () => {
    const session = new Session(manyJobs(2))
    session.send({ type: 'collecting', collecting: { lines: [], running: true, cancelled: false, results: [] } })
    expect(session.press('q').effects).toEqual([])
    expect(session.text()).toContain('Stop collecting and quit? [y/N]')
    expect(session.press('enter').effects).toEqual([])
    expect(session.press('q', 'y').effects).toEqual([{ type: 'quit' }])
  })

  it('collect from the server of the job, or from all', () => {
    expect(new Session(manyJobs(2)).press('c').effects).toEqual([{ type: 'collect', serverIds: ['s1'] }])
    expect(new Session(manyJobs(2)).press('C').effects).toEqual([{ type: 'collect', serverIds: null }])
    const twice = new Session(manyJobs(2)).press('C', 'C')
    expect(twice.effects, 'before the first server is asked').toHaveLength(1)
    expect(twice.text()).toContain('It begins')
  })

  it('snooze for a while that one types, and wake when asked again', () => {
    const session = new Session(manyJobs(2)).press('z', 'backspace', 'backspace').type('3d').press('enter')
    expect(session.effects).toEqual([{ type: 'snooze', jobIds: ['j1'], duration: '3d' }])
    const other = new Session(snapshotOf([jobOf({ snoozedUntil: '2026-12-24T00:00:00.000Z' })])).press('z')
    expect(other.text()).toContain('Wake the alerts of this job? [y/N]')
    expect(other.press('y').effects).toEqual([{ type: 'snooze', jobIds: ['j1'], duration: null }])
  })

  it('end by q and by Ctrl-C wherever one is', () => {
    expect(new Session(null).press('q').effects).toEqual([{ type: 'quit' }])
    expect(new Session(manyJobs(2)).press('/', 'q', 'ctrl-c').effects).toEqual([{ type: 'quit' }])
    expect(new Session(manyJobs(2)).press('?', 'ctrl-c').effects).toEqual([{ type: 'quit' }])
  })

  it('stand still and follow again', () => {
    const session = new Session(manyJobs(2)).press('a')
    expect(session.effects).toEqual([{ type: 'auto', on: false }])
    expect(session.text()).toContain('held')
  })
})
