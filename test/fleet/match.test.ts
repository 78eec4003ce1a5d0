import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { compileGlob } from '../../src/fleet/glob.ts'
import {
  type JobName,
  matchJob,
  matchServer,
  matchServers,
  matchTargets,
  type ServerName,
} from '../../src/fleet/match.ts'

const server = (id: string, names: Partial<ServerName>): ServerName => {
  const { alias = null, machineName = null, host = null, otherHosts = [] } = names
  return { id, alias, machineName, host, otherHosts, name: alias ?? machineName ?? host ?? id }
}
const job = (id: string, serverId: string, backupId: string, name: string): JobName => ({
  id,
  serverId,
  backupId,
  name,
})

const servers = [
  server('1', { alias: 'nas', machineName: 'DISKSTATION', host: 'nas.local' }),
  server('2', { machineName: 'web-1', host: '10.0.0.2', otherHosts: ['web.vpn.example:8200'] }),
  server('3', { machineName: 'web-2', host: '10.0.0.3' }),
  server('4', { alias: 'office/mail', machineName: 'mail', host: 'localhost' }),
  server('5', { machineName: 'twin', host: 'localhost' }),
  server('6', { machineName: 'twin', host: 'twin.example' }),
  server('7', { alias: 'DISKSTATION', host: 'spare.example' }),
  server('8', { machineName: 'empty', host: 'empty.example' }),
]
const jobs = [
  job('11', '1', '1', 'Documents'),
  job('12', '1', '2', 'Photos'),
  job('13', '1', '3', '2'),
  job('14', '1', '12', 'documents archive'),
  job('21', '2', '1', 'Documents'),
  job('22', '2', '2', 'Database dumps'),
  job('31', '3', '1', 'documents'),
  job('41', '4', '1', 'Mail/Inbox'),
  job('51', '5', '1', 'Home'),
  job('61', '6', '1', 'Home'),
]
const names = { servers, jobs }
const idsOf = (...args: string[]): string[] => matchTargets(args, names).jobIds
const caught = (run: () => unknown): UsageError => {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return error as UsageError
  }
  throw new Error('nothing was thrown')
}

describe('servers', () => {
  it.each([
    ['alias', 'nas', '1'],
    ['machine name', 'web-1', '2'],
    ['host', 'nas.local', '1'],
    ['host of another address', 'web.vpn.example:8200', '2'],
    ['id', '3', '3'],
    ['any case', 'NAS', '1'],
    ['a prefix that only one has', 'emp', '8'],
    ['a prefix of the host, in any case', 'SPARE.', '7'],
    ['a prefix of any of its names', 'disk', undefined],
    ['a pattern', 'off*', '4'],
  ])('are found by %s', (_, text, id) => {
    if (id === undefined) expect(caught(() => matchServer(text, servers)).code).toBe('ambiguous')
    else expect(matchServer(text, servers)).toBe(id)
  })

  it('are told apart as lists do it', () => {
    expect(matchServer('twin (6)', servers)).toBe('6')
    expect(matchServer('Twin (5)', servers)).toBe('5')
    expect(matchServers(['nas (1)'], servers)).toEqual(['1'])
  })

  it('are found by the alias before the machine name of another', () => {
    expect(matchServer('DISKSTATION', servers)).toBe('7')
    expect(matchServer('diskstation', servers)).toBe('7')
  })

  it('are found by an exact name before another in any case, and by a name before a prefix', () => {
    const list = [server('a', { alias: 'Web' }), server('b', { alias: 'web' }), server('c', { alias: 'web-server' })]
    expect(matchServer('web', list)).toBe('b')
    expect(matchServer('Web', list)).toBe('a')
    expect(caught(() => matchServer('WEB', list)).message).toContain('Web (id a), web (id b)')
  })

  it('are two when two machines have one name (T3)', () => {
    expect(caught(() => idsOf('twin'))).toMatchObject({
      code: 'ambiguous',
      exitCode: 2,
      message: '"twin" matches 2 servers: twin (id 5, localhost), twin (id 6, twin.example)',
    })
    expect(caught(() => idsOf('twin/Home')).code).toBe('ambiguous')
    expect(idsOf('5/Home')).toEqual(['51'])
    expect(idsOf('twin.example')).toEqual(['61'])
    expect(matchServers(['twi*'], servers)).toEqual(['5', '6'])
  })

  it('never mean a part of an id', () => {
    expect(caught(() => matchServer('9', [server('91', { alias: 'x' })])).code).toBe('unknown_server')
  })

  it('are listed when a prefix fits several, at most ten of them', () => {
    expect(caught(() => idsOf('web')).message).toBe(
      '"web" matches 2 servers: web-1 (id 2, 10.0.0.2), web-2 (id 3, 10.0.0.3)',
    )
    const many = Array.from({ length: 25 }, (_, index) => server(`${index}`, { alias: `host-${index}` }))
    expect(caught(() => matchServer('host', many)).message).toMatch(/^"host" matches 25 servers: .*, and 15 more$/)
  })

  it('are all of them without an argument', () => {
    expect(matchTargets([], names)).toEqual({
      serverIds: servers.map(({ id }) => id),
      jobIds: jobs.map(({ id }) => id),
    })
    expect(matchServers([], servers)).toHaveLength(8)
  })
})

describe('jobs', () => {
  it('have an id that stands for itself, as lists show it, where no server is called so', () => {
    expect(matchTargets(['22', '1/12'], names)).toMatchObject({ serverIds: [], jobIds: ['14', '22'] })
    expect(matchJob('31', names)).toBe('31')
    const called = { servers: [...servers, server('9', { alias: '22' })], jobs: [...jobs, job('91', '9', '1', 'Own')] }
    expect(matchJob('22', called)).toBe('91')
    expect(() => matchJob('99', names)).toThrow('No server is called "99"')
  })

  it.each([
    ['the name', 'nas/Documents', '11'],
    ['the name in any case', 'NAS/photos', '12'],
    ['a name that looks like a backup id', 'nas/2', '13'],
    ['the backup id', 'web-1/2', '22'],
    ['the backup id as reports write it', 'nas/DB-2', '12'],
    ['the backup id as reports write it, in any case', 'web-1/db-1', '21'],
    ['the id', 'web-1/22', '22'],
    ['a prefix that only one has', 'web-1/Data', '22'],
    ['prefixes on both sides', 'na/Ph', '12'],
    ['a pattern', 'nas/Ph*', '12'],
  ])('are found by %s', (_, text, id) => {
    expect(idsOf(text)).toEqual([id])
    expect(matchJob(text, names)).toBe(id)
  })

  it('are split at the first slash whose left side is a server', () => {
    expect(idsOf('office/mail/Mail/Inbox')).toEqual(['41'])
    expect(idsOf('mail/Mail/Inbox')).toEqual(['41'])
    expect(matchTargets(['office/mail'], names)).toEqual({ serverIds: ['4'], jobIds: ['41'] })
    const both = {
      servers: [server('1', { alias: 'a' }), server('2', { alias: 'a/b' })],
      jobs: [job('11', '1', '1', 'b/c'), job('21', '2', '1', 'c'), job('22', '2', '2', 'd')],
    }
    expect(matchTargets(['a/b/c'], both).jobIds).toEqual(['11'])
    expect(matchTargets(['a/b/d'], both).jobIds).toEqual(['22'])
    expect(matchTargets(['a/b'], both)).toEqual({ serverIds: ['2'], jobIds: ['21', '22'] })
  })

  it('are found on every server that a pattern names, in the order of the list', () => {
    expect(idsOf('*/Documents')).toEqual(['11', '21', '31'])
    expect(idsOf('web-[12]/doc*')).toEqual(['21', '31'])
    expect(idsOf('nas/doc*')).toEqual(['14'])
    expect(idsOf('nas/DOC*')).toEqual(['11', '14'])
    expect(idsOf('web-?/*')).toEqual(['21', '22', '31'])
    expect(idsOf('*/1')).toHaveLength(6)
  })

  it('are found by a pattern on a server that its id names; ids are written out', () => {
    expect(idsOf('6/*')).toEqual(['61'])
    expect(idsOf('twin (6)/*', '2/Da*')).toEqual(['22', '61'])
    expect(caught(() => idsOf('[56]/*')).code).toBe('unknown_server')
    expect(caught(() => idsOf('5/5?')).code).toBe('unknown_job')
  })

  it('are ambiguous where one server has two of the name', () => {
    const two = { servers: servers.slice(0, 1), jobs: [job('a', '1', '1', 'X'), job('b', '1', '2', 'X')] }
    expect(caught(() => matchTargets(['nas/X'], two)).message).toBe(
      '"nas/X" matches 2 jobs: nas/X (id a, backup 1), nas/X (id b, backup 2)',
    )
    expect(matchTargets(['nas/DB-2'], two).jobIds).toEqual(['b'])
    expect(caught(() => idsOf('nas/Doc')).code).toBe('ambiguous')
  })

  it('are united over the arguments, each once', () => {
    expect(matchTargets(['web-2', 'nas/Photos', 'NAS/DB-2', '*/Documents'], names)).toEqual({
      serverIds: ['3'],
      jobIds: ['11', '12', '21', '31'],
    })
  })

  it('mean one where one is needed: a server with one job will do', () => {
    expect(matchJob('web-2', names)).toBe('31')
    expect(caught(() => matchJob('web-1', names)).message).toContain('web-1/Documents (id 21, backup 1)')
    expect(caught(() => matchJob('*/Documents', names)).code).toBe('ambiguous')
    expect(caught(() => matchJob('empty', names))).toMatchObject({
      code: 'unknown_job',
      message: 'There is no job on "empty"',
    })
  })
})

describe('what is not known', () => {
  it('names what could have been meant', () => {
    expect(caught(() => idsOf('nsa'))).toMatchObject({
      code: 'unknown_server',
      exitCode: 2,
      message: 'No server is called "nsa"',
      hint: 'Did you mean "nas"?',
    })
    expect(caught(() => idsOf('nas/Fotos'))).toMatchObject({
      code: 'unknown_job',
      message: 'No job on "nas" is called "Fotos"',
    })
    expect(caught(() => idsOf('web-1/Documnets')).hint).toBe('Did you mean "Documents"?')
    expect(caught(() => idsOf('nowhere/Documents')).message).toBe('No server is called "nowhere"')
    expect(caught(() => idsOf('*/Nothing')).code).toBe('unknown_job')
    expect(caught(() => idsOf('zz*')).code).toBe('unknown_server')
    for (const odd of ['', '/', 'nas/', '/Documents', '//']) expect(caught(() => idsOf(odd)).code).toMatch(/^unknown_/)
  })

  it('says how to begin where no server is known', () => {
    expect(caught(() => matchTargets(['nas'], { servers: [], jobs: [] })).hint).toContain('server add URL')
  })

  it('shows little of an endless name', () => {
    expect(caught(() => idsOf('x'.repeat(100_000))).message.length).toBeLessThan(200)
  })
})

describe('patterns', () => {
  it.each([
    ['*', '', true],
    ['*', 'a/b', true],
    ['a*c', 'abbc', true],
    ['a*c', 'abcd', false],
    ['?', '💾', true],
    ['??', 'a', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a]', 'b', true],
    ['[]x]', ']', true],
    ['[a-]', '-', true],
    ['[abc', '[abc', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a.c', 'abc', false],
    ['*Doc*', 'My Documents', true],
  ])('%j on %j: %s', (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected)
  })

  it('do not blow up', () => {
    const began = performance.now()
    expect(compileGlob(`${'*a'.repeat(50)}b`)('a'.repeat(5000))).toBe(false)
    expect(performance.now() - began).toBeLessThan(2000)
  })
})

describe('thousands of servers', () => {
  const fleet = {
    servers: Array.from({ length: 5000 }, (_, index) =>
      server(String(index), {
        alias: `site-${index}`,
        machineName: `host-${index}`,
        host: `10.0.${index >> 8}.${index & 255}`,
      }),
    ),
    jobs: Array.from({ length: 20_000 }, (_, index) => job(`j${index}`, String(index % 5000), '1', `Job ${index}`)),
  }

  it('are matched by thousands of arguments at once', () => {
    const args = fleet.jobs.map(({ serverId, name }) => `SITE-${serverId}/${name}`)
    const began = performance.now()
    expect(matchTargets(args, fleet).jobIds).toHaveLength(20_000)
    expect(
      matchTargets(
        fleet.servers.map(({ host }) => `${host}`),
        fleet,
      ).serverIds,
    ).toHaveLength(5000)
    expect(matchTargets(['*/Job 1*'], fleet).jobIds).toHaveLength(11_111)
    expect(caught(() => matchTargets(['site_12'], fleet)).hint).toContain('"site-12"')
    expect(performance.now() - began).toBeLessThan(3000)
  })
})
