import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { createIngest } from '../../src/ingest/index.ts'
import { openStore } from '../../src/store/index.ts'
import { MIGRATIONS, migrate, versionOf } from '../../src/store/migrations.ts'
import { listedBackup, logRow, runFacts, serverInfo } from '../support/run-facts.ts'
import { temporaryFolder, testStore } from '../support/store.ts'

const NOBODY = 65_534
const MODES = ['read', 'write'] as const

const newFile = () => join(temporaryFolder(), 'duplistatus.db')

/** A database with one server, job and run, closed. */
async function filled(file = newFile()): Promise<string> {
  const store = await openStore({ file, mode: 'write' })
  await fill(store)
  await store.close()
  return file
}

let fills = 0

async function fill(store: Awaited<ReturnType<typeof testStore>>, url = 'http://nas:8200') {
  // Of two servers the same run would make one.
  const run = runFacts({ durationSeconds: ++fills })
  const at = new Date('2026-11-24T12:00:00Z')
  const collection = await createIngest(store).openCollection({ url, info: serverInfo({ machineName: url }), at })
  const log = [{ level: 'warning' as const, at: null, tag: null, text: 'a warning' }]
  await collection.addPage({ backupId: '1', name: 'Documents' }, [logRow(1, { ...run, log })])
  await collection.completeLog('1', { rowId: 1, fingerprint: 'one' })
  const notices = [
    {
      source: 'notification' as const,
      level: 'error' as const,
      at: '2026-11-21T02:00:02.000Z',
      backupId: '1',
      title: null,
      message: 'failed',
      fingerprint: 'f',
    },
  ]
  await collection.finish({ backups: [listedBackup()], state: null, progress: null, notices })
  return collection.serverId
}

/** The failure in a user's words; anything else would be a bug. */
async function refusal(options: Parameters<typeof openStore>[0]): Promise<UserError> {
  try {
    const store = await openStore(options)
    try {
      await store.read.status()
      if (options.mode === 'write') await store.servers.add({ url: 'http://other:8200' })
    } finally {
      await store.close()
    }
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toContain(options.file)
    expect((error as UserError).hint).toBeTruthy()
    return error as UserError
  }
  throw new Error('it was not refused')
}

/** Runs `work` as somebody whom permissions hold for: they mean nothing to root. */
async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

function change(file: string, sql: string) {
  const db = new Database(file)
  db.exec(sql)
  db.close()
}

describe('opening a database', () => {
  it.skipIf(process.platform === 'win32')('makes the file and its folder for its owner alone', async () => {
    const file = join(temporaryFolder(), 'a', 'b', 'duplistatus.db')
    const store = await testStore({ file })
    await fill(store)
    const mode = (path: string) => statSync(path).mode & 0o777
    expect(mode(join(file, '..'))).toBe(0o700)
    expect(mode(join(file, '..', '..'))).toBe(0o700)
    for (const name of readdirSync(join(file, '..')))
      expect([name, mode(join(file, '..', name))]).toEqual([name, 0o600])
  })

  it('reads a missing one as empty, and makes no file or folder', async () => {
    const folder = temporaryFolder()
    const store = await testStore({ file: join(folder, 'a', 'duplistatus.db'), mode: 'read' })
    expect(await store.read.status()).toEqual({ servers: [], jobs: [] })
    expect(await store.read.names()).toEqual({ servers: [], jobs: [] })
    expect(await store.read.latestRun('j1')).toBeNull()
    expect(await store.read.size()).toEqual({ runs: 0, bytes: 0 })
    expect(readdirSync(folder)).toEqual([])
  })

  it('reads an empty file as empty and leaves it so; writing begins in it', async () => {
    const file = newFile()
    writeFileSync(file, '')
    const store = await testStore({ file, mode: 'read' })
    expect(await store.read.status()).toEqual({ servers: [], jobs: [] })
    expect(statSync(file).size).toBe(0)
    await fill(await testStore({ file }))
    expect((await (await testStore({ file, mode: 'read' })).read.status()).jobs).toHaveLength(1)
  })

  it('reads while another program writes', async () => {
    const writer = await testStore()
    await fill(writer)
    await writer.transaction(async (tx) => {
      await tx.insertInto('audit').values({ at: 0, action: 'x', data: 'null' }).execute()
      const reader = await testStore({ file: writer.file, mode: 'read', busyTimeout: 0 })
      expect((await reader.read.status()).jobs).toHaveLength(1)
      expect(await reader.audit.list(9)).toEqual([])
    })
  })

  it('lets a reader change nothing', async () => {
    const store = await testStore({ file: await filled(), mode: 'read' })
    await expect(store.servers.add({ url: 'http://other:8200' })).rejects.toMatchObject({ code: 'database_refused' })
  })
})

describe('refuses in words', () => {
  it.each(MODES)('a database of a newer version (%s)', async (mode) => {
    const file = await filled()
    change(file, `PRAGMA user_version = ${MIGRATIONS.length + 7}`)
    const { code, message } = await refusal({ file, mode })
    expect(code).toBe('database_newer')
    expect(message).toContain(`version ${MIGRATIONS.length + 7}, this one knows ${MIGRATIONS.length}`)
  })

  it.each(MODES)('a database of another program (%s), which stays as it is', async (mode) => {
    const file = newFile()
    change(file, 'CREATE TABLE theirs (x)')
    const before = readFileSync(file)
    expect((await refusal({ file, mode })).code).toBe('database_foreign')
    expect(readFileSync(file)).toEqual(before)
  })

  it.each(MODES)('a file that is no database (%s)', async (mode) => {
    const file = newFile()
    writeFileSync(file, 'these are not the bytes of a database\n'.repeat(200))
    expect((await refusal({ file, mode })).code).toBe('database_corrupt')
  })

  it.each(MODES)('a database that is cut off (%s)', async (mode) => {
    const file = await filled()
    truncateSync(file, 4_096)
    expect((await refusal({ file, mode })).code).toBe('database_corrupt')
  })

  it.each(MODES)('a database that is damaged inside (%s)', async (mode) => {
    const file = await filled()
    const bytes = readFileSync(file)
    bytes.fill(0xa5, 4_096)
    writeFileSync(file, bytes)
    expect((await refusal({ file, mode })).code).toBe('database_corrupt')
  })

  it.each(MODES)('a folder (%s)', async (mode) => {
    const file = newFile()
    mkdirSync(file)
    const { code, message } = await refusal({ file, mode })
    expect(code).toBe('database_refused')
    expect(message).toContain('is a folder')
  })

  it('a path below a file', async () => {
    const file = join(await filled(), 'duplistatus.db')
    expect((await refusal({ file, mode: 'write' })).code).toBe('database_refused')
  })

  it('to wait for ever for another writer', async () => {
    const file = await filled()
    const other = new Database(file)
    other.exec('BEGIN IMMEDIATE')
    expect((await refusal({ file, mode: 'write', busyTimeout: 20 })).code).toBe('database_locked')
    other.exec('ROLLBACK')
    other.close()
    const store = await testStore({ file, busyTimeout: 20 })
    expect(await store.servers.add({ url: 'http://other:8200' })).toEqual({ id: 's2' })
  })

  it.each(MODES)('a database that another program keeps for itself (%s)', async (mode) => {
    const file = await filled()
    const other = new Database(file)
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT')
    expect((await refusal({ file, mode, busyTimeout: 20 })).code).toBe('database_locked')
    other.close()
    expect((await (await testStore({ file, mode })).read.status()).jobs).toHaveLength(1)
  })

  describe.skipIf(process.platform === 'win32')('what permissions forbid', () => {
    it.each(MODES)('a file that may not be read (%s)', async (mode) => {
      const file = await filled()
      chmodSync(join(file, '..'), 0o755)
      chmodSync(file, 0o000)
      expect((await unprivileged(() => refusal({ file, mode }))).code).toBe('database_refused')
    })

    it('writing to a file that may only be read', async () => {
      const file = await filled()
      chmodSync(join(file, '..'), 0o555)
      chmodSync(file, 0o444)
      expect((await unprivileged(() => refusal({ file, mode: 'write' }))).code).toBe('database_refused')
    })

    it('a new file in a folder that may not be written', async () => {
      const folder = temporaryFolder()
      chmodSync(folder, 0o555)
      for (const file of [join(folder, 'duplistatus.db'), join(folder, 'a', 'duplistatus.db')])
        expect((await unprivileged(() => refusal({ file, mode: 'write' }))).code).toBe('database_refused')
    })

    it('but shows the status of a file in a folder that may only be read', async () => {
      const file = await filled()
      chmodSync(file, 0o444)
      chmodSync(join(file, '..'), 0o555)
      expect(readdirSync(join(file, '..'))).toEqual(['duplistatus.db'])
      const status = await unprivileged(async () => (await testStore({ file, mode: 'read' })).read.status())
      expect(status.jobs).toMatchObject([{ name: 'Documents', runs: 1 }])
    })
  })
})

describe('migrations', () => {
  it('are run once when two programs begin at the same time', async () => {
    const file = newFile()
    const script = `import { openStore } from ${JSON.stringify(new URL('../../src/store/index.ts', import.meta.url).href)}
      process.stdin.once('data', async () => {
        const store = await openStore({ file: process.argv[1], mode: 'write' })
        await store.servers.add({ url: 'http://' + process.pid + ':8200' })
        await store.close()
        process.stdin.destroy()
      })
      process.stdout.write('ready')`
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--input-type=module', '--eval', script, '--', file], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    )
    await Promise.all(children.map((child) => once(child.stdout, 'data')))
    const ends = children.map((child) => once(child, 'exit'))
    for (const child of children) child.stdin.end('go')
    expect(await Promise.all(ends)).toEqual(children.map(() => [0, null]))
    const { servers } = await (await testStore({ file, mode: 'read' })).read.status()
    expect(servers).toHaveLength(4)
  })

  it('go step by step, and a step that fails leaves the version before it', () => {
    const db = new Database(':memory:')
    const steps = ['CREATE TABLE one (x)', 'CREATE TABLE two (x)']
    migrate(db, steps.slice(0, 1))
    expect(versionOf(db)).toBe(1)
    expect(() => migrate(db, [...steps, 'CREATE TABLE three (x); CREATE TABLE one (x)'])).toThrow('already exists')
    expect(versionOf(db)).toBe(2)
    expect(db.prepare('SELECT name FROM sqlite_schema ORDER BY name').pluck().all()).toEqual(['one', 'two'])
    db.close()
  })

  /** A file as the first version wrote it: one server, one job. */
  function ofVersionOne(): string {
    const file = newFile()
    const db = new Database(file)
    db.pragma('journal_mode = WAL')
    migrate(db, MIGRATIONS.slice(0, 1))
    db.exec(`
      INSERT INTO server (machine_name, url, secret_owner, created_at) VALUES ('nas', 'http://nas:8200', 'x', 1);
      INSERT INTO job (server_id, backup_id, name, runs) VALUES (1, '1', 'Documents', 3);
      INSERT INTO source (server_id, address, machine_id, machine_name, first_seen_at, last_seen_at) VALUES (1, '', 'A', 'nas', 1, 1);
      INSERT INTO evidence (source_id, backup_id, backup_name) VALUES (1, '1', 'Documents');
      INSERT INTO run (job_id, operation, status, counting, began_at, partial, interrupted, dry_run, messages, warnings, errors,
        received_at) VALUES (1, 'Backup', 'Success', 1, 5, 0, 0, 0, 0, 0, 0, 6), (1, 'Backup', 'Success', 1, 7, 0, 0, 0, 0, 0, 0, 8);
      INSERT INTO run_source (run_id, evidence_id, way) VALUES (2, 1, 0), (1, 1, 1), (1, 1, 0)`)
    db.close()
    return file
  }

  it.each(MODES)('bring a database of the first version up to date (%s) and keep what is in it', async (mode) => {
    const file = ofVersionOne()
    const store = await testStore({ file, mode })
    const { servers, jobs } = await store.read.status()
    expect(servers.map(({ view }) => view.name)).toEqual(['nas'])
    expect(jobs.map(({ name, runs }) => ({ name, runs }))).toEqual([{ name: 'Documents', runs: 3 }])
    const db = new Database(file, { readonly: true })
    expect(versionOf(db)).toBe(MIGRATIONS.length)
    expect(db.prepare('SELECT run_id, evidence_id, way FROM run_source').raw().all()).toEqual([
      [1, 1, 0],
      [1, 1, 1],
      [2, 1, 0],
    ])
    db.close()
  })

  it('are asked for where an older database can only be read', async () => {
    const file = ofVersionOne()
    chmodSync(file, 0o444)
    chmodSync(dirname(file), 0o555)
    const { code } = await unprivileged(() => refusal({ file, mode: 'read' }))
    chmodSync(dirname(file), 0o755)
    expect(code).toBe('database_older')
  })
})

it('leaves no row of a server that is removed, but its audit entry', async () => {
  const store = await testStore()
  const removed = await fill(store)
  await store.servers.remove(removed)
  expect(await store.read.status()).toEqual({ servers: [], jobs: [] })
  const tables = await store.db.introspection.getTables()
  for (const { name } of tables.filter(({ name }) => name !== 'audit')) {
    const rows = await store.db
      .selectFrom(name as 'run')
      .selectAll()
      .execute()
    expect([name, rows]).toEqual([name, []])
  }
  expect(await store.audit.list(9)).toMatchObject([{ action: 'server.remove', serverId: removed }])
  await expect(store.servers.remove(removed)).rejects.toMatchObject({ code: 'unknown_server' })
})

it('leaves the rows of other servers when one is removed', async () => {
  const store = await testStore()
  const removed = await fill(store)
  await fill(store, 'http://other:8200')
  await store.servers.remove(removed)
  const { servers, jobs } = await store.read.status()
  expect(servers).toHaveLength(1)
  expect(jobs).toMatchObject([{ runs: 1 }])
  expect((await store.read.log(jobs[0]?.lastRun?.id ?? '')).lines).toHaveLength(1)
})

it('keeps whole transactions when its process is killed', async () => {
  const file = newFile()
  const script = `import { openStore } from ${JSON.stringify(new URL('../../src/store/index.ts', import.meta.url).href)}
    const store = await openStore({ file: process.argv[1], mode: 'write' })
    await store.servers.add({ url: 'http://kept:8200' })
    await store.transaction(async (tx) => {
      await tx.insertInto('audit').values({ at: 0, action: 'lost', data: 'null' }).execute()
      process.kill(process.pid, 'SIGKILL')
    })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, '--', file], { stdio: 'inherit' })
  await once(child, 'exit')
  expect(existsSync(`${file}-wal`)).toBe(true)
  const store = await testStore({ file, mode: 'read' })
  expect((await store.read.status()).servers).toHaveLength(1)
  expect((await store.audit.list(9)).map(({ action }) => action)).toEqual(['server.add'])
})

it('takes side by side what was begun at once over one connection', async () => {
  const store = await testStore()
  const urls = Array.from({ length: 20 }, (_, i) => `http://server${i}:8200`)
  const results = await Promise.all(urls.map((url) => fill(store, url)))
  expect(new Set(results).size).toBe(20)
  expect((await store.read.status()).jobs).toHaveLength(20)
})

it('leaves nothing open, though it was never asked anything', async () => {
  const file = await filled()
  const store = await openStore({ file, mode: 'write' })
  await store.close()
  expect(readdirSync(join(file, '..'))).toEqual(['duplistatus.db'])
})
