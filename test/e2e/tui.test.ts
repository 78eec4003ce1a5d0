import { spawn } from 'node:child_process'
import { copyFileSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROGRAM, ROOT, runProgram, temporaryFolder } from '../support/program.ts'
import { KEYS, openTui, Pty, type PtyOptions } from '../support/pty.ts'
import { seed } from '../support/seed.ts'

const folder = temporaryFolder()
const small = join(folder.path, 'small.db')
let copies = 0

beforeAll(() => seed(small, { servers: 2, jobsPerServer: 10, runsPerJob: 60, now: new Date() }))
afterAll(() => folder[Symbol.dispose]())

/** A database that a test may change. */
function copy(): string {
  const file = join(folder.path, `copy-${++copies}.db`)
  copyFileSync(small, file)
  return file
}

function change(file: string, sql: string): void {
  const db = new Database(file)
  db.exec(sql)
  db.close()
}

const footer = (tui: Pty) =>
  tui.until(() => tui.lines().at(-1)?.endsWith('q quit') === true, 'the footer on the last line')
const open = (file = small, options: PtyOptions = {}) => openTui(file, options)

describe('the interface', () => {
  it('opens on the alternate screen, and leaves the terminal as it was', async () => {
    await using tui = await open()
    expect(tui.isAlternate).toBe(true)
    expect(tui.selected()).toMatch(/^server-1 +Archive/)
    tui.press('q')
    expect(await tui.ended()).toEqual({ code: 0, signal: 0 })
    expect(tui.isAlternate).toBe(false)
    expect(tui.raw).toMatch(/\u001b\[\?25h/)
  })

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('leaves the terminal as it was on %s', async (signal) => {
    await using tui = await open()
    tui.kill(signal)
    await tui.ended()
    expect(tui.isAlternate).toBe(false)
    expect(tui.raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(tui.raw.lastIndexOf('\u001b[?25l'))
  })

  it('ends by Ctrl-C', async () => {
    await using tui = await open()
    tui.press(KEYS.ctrlC)
    expect((await tui.ended()).code).toBe(0)
    expect(tui.isAlternate).toBe(false)
  })

  it('leaves the terminal as it was when it crashes, and says what happened', async () => {
    const bomb = 'data:text/javascript,process.on(%22SIGUSR2%22,()=>{throw%20new%20Error(%22the%20bomb%22)})'
    await using tui = await open(small, { env: { NODE_OPTIONS: `--import=${bomb}` } })
    tui.kill('SIGUSR2')
    expect((await tui.ended()).code).not.toBe(0)
    expect(tui.isAlternate).toBe(false)
    expect(tui.text()).toContain('the bomb')
  })

  it('loses no key that comes with others', async () => {
    await using tui = await open()
    tui.press('jj', 'j')
    await tui.until(() => tui.selected()?.includes('Home') === true, 'Home selected')
    tui.press('Gk\r')
    await tui.waitFor('Job  server-2/Videos')
  })

  it('follows the size of the terminal', async () => {
    await using tui = await open()
    tui.resize(140, 40)
    await tui.waitFor('Last OK')
    await footer(tui)
    tui.resize(59, 14)
    await tui.waitFor('duplistatus needs 60x15, this is 59x14')
    tui.resize(60, 15)
    await tui.waitFor(/Server +Job/)
    tui.resize(200, 60)
    await tui.waitFor('Uploaded')
    await footer(tui)
  })

  it('is ASCII and colourless where that is asked for', async () => {
    await using tui = await open(small, { env: { LANG: 'C', NO_COLOR: '1' }, columns: 130, rows: 40 })
    expect(tui.text()).toMatch(/^[\x20-\x7e\n]*$/)
    expect(tui.raw).not.toMatch(/\u001b\[3\dm/)
    expect(tui.selected()).toContain('Archive')
  })
})

describe('what is stored while it is open', () => {
  it('is shown within a second', async () => {
    const file = copy()
    await using tui = await open(file)
    change(file, "UPDATE job SET name = 'Arrived now' WHERE id = 1")
    await tui.waitFor('Arrived now', 1_000)
  })

  it('by a report that arrives over HTTP, is shown within a second', async () => {
    const file = copy()
    const daemon = spawn(
      process.execPath,
      [PROGRAM, 'serve', '--open', '--host', '127.0.0.1', '--port', '0', '--db', file],
      {
        env: { PATH: process.env.PATH, DUPLISTATUS_CONFIG: join(folder.path, 'none.json'), TZ: 'UTC' },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    try {
      let told = ''
      daemon.stderr.setEncoding('utf8').on('data', (text: string) => (told += text))
      await expect.poll(() => told, { timeout: 15_000 }).toMatch(/Listening on http:\S+/)
      const url = /Listening on (http:\S+)/.exec(told)?.[1]
      await using tui = await open(file)
      tui.press('/', 'alpha')
      await tui.waitFor('None of 20 jobs fits')
      const report = readFileSync(join(ROOT, 'test/fixtures/compat-reports/01-alpha-1-2026-11-20-Success.json'))
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${url}/api/upload`, { method: 'POST', headers, body: report })
      expect(answer.status).toBe(200)
      await tui.waitFor('1 of 21', 1_000)
      expect(tui.selected()).toContain('alpha')
    } finally {
      daemon.kill('SIGTERM')
    }
  })

  it('moves the progress of a job that runs', async () => {
    const file = copy()
    await using tui = await open(file)
    tui.press('j', 'm')
    await tui.waitFor('server-1/Databases')
    const running = (progress: number) =>
      change(
        file,
        `UPDATE job SET running = '${JSON.stringify({ phase: 'Backup_ProcessingFiles', progress, startedAt: new Date().toISOString(), bytesPerSecond: 2_097_152, remainingSeconds: 90 })}', live_at = ${Date.now()} WHERE name = 'Databases' AND server_id = 1`,
      )
    running(0.25)
    await tui.waitFor(/████░+ 25%, 2\.0 MiB\/s, 1min 30s left/, 2_000)
    running(0.5)
    await tui.waitFor(/████████░+ 50%/, 2_000)
    expect(tui.text()).toMatch(/▶ running 50%/)
  })

  it('waits while it stands still, until it follows again or is asked to read', async () => {
    const file = copy()
    await using tui = await open(file)
    tui.press('a')
    await tui.waitFor(' held')
    change(file, "UPDATE job SET name = 'Second name' WHERE id = 1")
    tui.press('j', 'j')
    await tui.until(() => tui.selected()?.includes('Documents') === true, 'moved')
    expect(tui.text()).not.toContain('Second name')
    tui.press('r')
    await tui.waitFor('Second name')
    change(file, "UPDATE job SET name = 'Third name' WHERE id = 1")
    tui.press('a')
    await tui.waitFor('Third name')
  })

  it('may be a whole other file', async () => {
    const file = copy()
    await using tui = await open(file)
    const other = copy()
    change(other, "UPDATE job SET name = 'Restored job' WHERE id = 1; PRAGMA wal_checkpoint(TRUNCATE)")
    renameSync(other, file)
    await tui.waitFor('Restored job')
  })

  it('stays on the screen while the file is gone, and goes on when it is back', async () => {
    const file = copy()
    await using tui = await open(file)
    renameSync(file, `${file}.away`)
    await tui.waitFor(/ lost$/m)
    expect(tui.text()).toContain('The database is gone')
    tui.press('j', 'r')
    await tui.until(() => tui.selected()?.includes('Databases') === true, 'moved')
    await tui.waitFor(/ lost$/m)
    renameSync(`${file}.away`, file)
    await tui.waitFor(/ live$/m)
  })

  it('may be locked by others meanwhile', async () => {
    const file = copy()
    await using tui = await open(file)
    const db = new Database(file)
    db.exec('BEGIN EXCLUSIVE')
    tui.press('G')
    await tui.until(() => tui.selected()?.includes('Web') === true, 'moved to the end')
    db.exec('COMMIT')
    db.close()
  })
})

describe.each([
  [100, 10],
  [500, 10],
])('a fleet of %i servers with %i jobs each', (servers, jobsPerServer) => {
  const file = join(folder.path, `${servers}.db`)
  beforeAll(() => seed(file, { servers, jobsPerServer, runsPerJob: 2, now: new Date() }))

  it('scrolls and is filtered', async () => {
    await using tui = await open(file, { timeout: 20_000 })
    tui.press('G')
    await tui.until(() => tui.selected()?.startsWith(`server-${servers} `) === true, 'the last server')
    tui.press('g', KEYS.pageDown, KEYS.pageDown)
    await tui.until(() => tui.selected()?.startsWith('server-4') === true, 'two pages down')
    tui.press('/', 'server-77')
    await tui.waitFor(`of ${(servers * jobsPerServer).toLocaleString('en-GB')}  filter "server-77"`)
    await tui.until(() => tui.selected()?.startsWith('server-77') === true, 'the server that fits')
    tui.press(KEYS.esc, 'p')
    await tui.waitFor('problems only')
  })

  // With 5,000 jobs the bench holds it, where nothing else is measured at the same time.
  it.runIf(servers === 100)('shows what is stored within a second, and what comes right after it too', async () => {
    await using tui = await open(file)
    for (const name of ['Arrived now', 'And right after']) {
      change(file, `UPDATE job SET name = '${name}' WHERE id = 1`)
      await tui.waitFor(name, 1_000)
    }
  })
})

it('shows hostile names as inert text', async () => {
  const file = copy()
  const evil = "char(27) || ']0;owned' || char(7) || char(27) || '[2J' || 'Evil' || char(10) || '文書' || char(0x202e)"
  change(file, `UPDATE job SET name = ${evil} WHERE id = 1; UPDATE server SET alias = ${evil} WHERE id = 2`)
  await using tui = await open(file)
  await tui.waitFor('owned')
  for (const keys of ['m', 'm', 't', 't', KEYS.enter, KEYS.enter, KEYS.esc, 'v', 'e', 'E', 'S', 'w', 'A', 'B']) {
    tui.press(keys)
    await tui.waitFor(/duplistatus +\w/)
  }
  expect(tui.raw).not.toContain('\u001b]0;')
  expect(tui.raw).not.toContain('\u202e')
})

describe('without a terminal', () => {
  it('says what to do instead', async () => {
    const { code, stderr } = await runProgram(['tui', '--db', small])
    expect(code).toBe(2)
    expect(stderr).toContain('tui needs a terminal')
    expect(stderr).toContain('duplistatus status')
  })

  it('says so where the terminal can not move its cursor', async () => {
    await using pty = new Pty(['tui', '--db', small], { env: { TERM: 'dumb' } })
    expect((await pty.ended()).code).toBe(2)
    expect(pty.text()).toContain('TERM=dumb')
  })

  it('the program alone shows the status', async () => {
    const { code, stdout } = await runProgram([], { env: { DUPLISTATUS_DB: small } })
    expect(code).toBe(0)
    expect(stdout).toContain('20 jobs')
  })
})

describe('the program alone on a terminal', () => {
  it('opens the interface once a server is known', async () => {
    await using tui = new Pty([], { env: { DUPLISTATUS_DB: small } })
    await tui.waitFor(' live')
    expect(tui.isAlternate).toBe(true)
  })

  it('says how to begin before that', async () => {
    await using pty = new Pty([], { env: { DUPLISTATUS_DB: join(folder.path, 'none.db') } })
    expect((await pty.ended()).code).toBe(0)
    expect(pty.text()).toContain('duplistatus server add https://nas:8200')
    expect(pty.isAlternate).toBe(false)
  })
})

it.each(['cli', 'commands/status', 'commands/check', 'commands/chart', 'commands/tui'])(
  '%s loads neither Ink nor React before they are needed',
  (entry) => {
    const dist = join(ROOT, 'dist')
    const seen = new Set<string>()
    const walk = (file: string) => {
      if (seen.has(file)) return
      seen.add(file)
      const source = readFileSync(file, 'utf8')
      expect(source.includes('react-reconciler') || source.includes('react.transitional.element'), file).toBe(false)
      for (const [, path = ''] of source.matchAll(/(?:from|import)"(\.[^"]+)"/g)) walk(join(dirname(file), path))
    }
    walk(join(dist, `${entry}.js`))
    expect(seen.size).toBeGreaterThan(1)
  },
)
