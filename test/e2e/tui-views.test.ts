import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type FleetDatabase, fleetDatabase } from '../support/fleet-database.ts'
import { runProgram, temporaryFolder } from '../support/program.ts'
import { KEYS, openTui, type Pty, type PtyOptions } from '../support/pty.ts'

const folder = temporaryFolder()
let fleet: FleetDatabase
let tui: Pty

beforeAll(async () => {
  fleet = await fleetDatabase(folder.path)
  const { code, stderr } = await runProgram(['collect', '--all', '--db', fleet.file, '--config', fleet.configFile])
  if (code !== 0) throw new Error(stderr)
})
afterAll(async () => {
  await fleet[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const open = async (options: PtyOptions = {}) => {
  tui = await openTui(fleet.file, { columns: 100, rows: 30, ...options }, ['--config', fleet.configFile])
}
beforeEach(async ({ task }) => {
  if (!task.name.startsWith('(own)')) await open()
})
afterEach(async () => {
  if (tui) await tui[Symbol.asyncDispose]()
})

function sql(text: string): unknown[] {
  const db = new Database(fleet.file)
  try {
    return text.startsWith('SELECT') ? db.prepare(text).all() : [db.exec(text)]
  } finally {
    db.close()
  }
}

/** Moves to a job by the filter, and leaves the filter. */
async function select(job: string): Promise<void> {
  tui.press('/', job)
  await tui.waitFor(`Filter: ${job}`)
  await tui.until(() => tui.selected()?.includes(job) === true, `${job} selected`)
  tui.press(KEYS.enter)
  await tui.waitForNo('Filter: ')
}

describe('views of a fleet that was collected', () => {
  it('shows the states of the fleet', async () => {
    const text = tui.text()
    expect(text).toMatch(/5 servers · 12 jobs · 1 overdue · 1 failed/)
    for (const words of ['partial', 'Success, skip', 'paused until', 'running', 'overdue', 'Fatal']) {
      expect(text).toContain(words)
    }
  })

  it('a failed run with its log, searched and filtered by level', async () => {
    await select('Website')
    tui.press(KEYS.enter)
    await tui.waitFor('Job  web1/Website')
    await tui.waitFor(/✗ Fatal/)
    tui.press(KEYS.enter)
    await tui.waitFor('Run  web1/Website')
    await tui.waitFor('Files')
    tui.press('/', 'repair', KEYS.enter)
    await tui.waitFor(/"repair": 1 of \d/)
    expect(tui.text()).toMatch(/please\s+run repair/)
    tui.press('f', 'f')
    await tui.waitFor('(errors only)')
    tui.press(KEYS.esc)
    await tui.waitFor('Job  web1/Website')
    tui.press(KEYS.esc)
    await tui.waitFor(/Jobs {2}1 of 12/)
    tui.press(KEYS.esc)
    await tui.waitFor(/Jobs {2}12/)
  })

  it('why a job is overdue', async () => {
    await select('Accounting')
    tui.press('e')
    await tui.waitFor('Expected start  office-pc/Accounting')
    await tui.waitFor('overdue for')
    expect(tui.text()).toContain('Tolerance')
  })

  it('versions, and the server of a job', async () => {
    await select('Documents')
    tui.press('v')
    await tui.waitFor(/\d+ versions at the destination/)
    tui.press('S')
    await tui.waitFor('Server  nas')
    await tui.waitFor('Duplicati 2')
    expect(tui.text()).toContain('System image')
  })

  it('servers, and the test of a connection', async () => {
    tui.press('w')
    await tui.waitFor('Servers  5')
    tui.press('T')
    await tui.waitFor('Connection test  laptop')
    await tui.waitFor('The server answers, and lets us in.')
    for (const step of ['dns', 'tcp', 'login', 'api']) expect(tui.text()).toContain(step)
  })

  it('charts by metric and range', async () => {
    await select('Documents')
    tui.press('m', 'm')
    await tui.waitFor(/uploaded per day, last 30 days/)
    tui.press('1', 'M')
    await tui.waitFor(/duration per day, last 7 days/)
    tui.press('5')
    await tui.waitFor(/last 365 days/)
    tui.press(KEYS.enter)
    await tui.waitFor('Job  nas/Documents')
    await tui.waitFor(/duration per day, last 365 days/)
  })

  it('cards, groups and the panel', async () => {
    tui.press('t')
    await tui.waitFor('┌──')
    tui.press('t', 'b')
    await tui.waitFor('laptop (3)')
    tui.press('b')
    await tui.waitFor('overdue (1)')
    tui.press('m')
    await tui.waitFor('Schedule')
  })

  it('help of each view, by the same key', async () => {
    for (const key of ['', 'w', 'A', 'B', ',', 'D']) {
      tui.press(key, '?')
      await tui.waitFor('Keys: ')
      tui.press(KEYS.esc)
      await tui.waitForNo('Keys: ')
    }
  })
})

describe('collecting', () => {
  it('shows each server, and what came', async () => {
    tui.press('C')
    await tui.waitFor('5 of 5 servers: done', 20_000)
    expect(tui.text()).toContain('web1')
    await tui.waitFor(/Collected: \d+ new runs of 5 servers/)
    tui.press(KEYS.esc)
    await tui.waitFor(/data now . live|data \d+s ago . live/)
  })

  it('can be stopped, and asks before it is left', async () => {
    const slow = createServer(() => {})
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
    const { port } = slow.address() as AddressInfo
    sql(`UPDATE server SET url = 'http://127.0.0.1:${port}' WHERE alias = 'web1'`)
    try {
      tui.press('C')
      await tui.waitFor('4 of 5 servers: running', 20_000)
      tui.press('q')
      await tui.waitFor('Stop collecting and quit? [y/N]')
      tui.press('n')
      await tui.waitFor('running, x stops it')
      tui.press('x')
      await tui.waitFor('5 of 5 servers: stopped', 20_000)
      expect(tui.text()).toMatch(/web1.*Interrupted/)
    } finally {
      slow.closeAllConnections()
      slow.close()
      sql(
        `UPDATE server SET url = '${fleet.fleet.servers.find(({ name }) => name === 'web1')?.url}' WHERE alias = 'web1'`,
      )
    }
  })
})

describe('changes', () => {
  it('snoozes and wakes a job', async () => {
    await select('Accounting')
    tui.press('z')
    await tui.waitFor('Snooze for')
    tui.press(KEYS.backspace, KEYS.backspace, '3 days', KEYS.enter)
    await tui.waitFor('is no time')
    tui.press('z', KEYS.backspace, KEYS.backspace, '3d', KEYS.enter)
    await tui.waitFor('Snoozed until')
    expect(sql("SELECT snoozed_until FROM job WHERE name = 'Accounting'")).not.toEqual([{ snoozed_until: null }])
    await tui.waitFor(/overdue \d+h, sn/)
    tui.press('z')
    await tui.waitFor('Wake the alerts of this job? [y/N]')
    tui.press('y')
    await tui.waitFor('Snoozed no more')
    expect(sql("SELECT snoozed_until FROM job WHERE name = 'Accounting'")).toEqual([{ snoozed_until: null }])
  })

  it('snoozes until a time, and says when one is past', async () => {
    await select('Databases')
    tui.press('z', '\u0015', '2020-01-01', KEYS.enter)
    await tui.waitFor('is past')
    tui.press('z', '\u0015', '2099-01-01', KEYS.enter)
    await tui.waitFor('Snoozed until 01 Jan 2099, 00:00')
    tui.press('z', 'y')
    await tui.waitFor('Snoozed no more')
  })

  it('takes what is typed for a job, and empties it', async () => {
    await select('Databases')
    tui.press('E')
    await tui.waitFor(/tolerance +general +default/)
    tui.press('j', 'j', 'j', 'j')
    await tui.until(() => tui.selected()?.startsWith('tolerance') === true, 'tolerance selected')
    tui.press(KEYS.enter, '2h', KEYS.enter)
    await tui.waitFor(/tolerance +2h +the job/)
    tui.press(KEYS.enter, 'soon', KEYS.enter)
    await tui.waitFor('is no duration')
    tui.press(KEYS.enter, KEYS.enter)
    await tui.waitFor(/tolerance +general +default/)
  })

  it('stops watching a job after a question, and takes it back', async () => {
    await select('Mail archive')
    tui.press('E')
    await tui.waitFor('Settings of  office-pc/Mail archive')
    await tui.waitFor(/monitored +yes +default/)
    tui.press(KEYS.enter)
    await tui.waitFor('Stop watching this job?')
    tui.press('y')
    await tui.waitFor(/monitored +no +the job/)
    tui.press('I')
    await tui.waitFor(/monitored +yes +default/)
    tui.press('G', KEYS.enter)
    await tui.waitFor(/additional-notify +\w+ +the job/)
  })

  it('sets what is typed, says what is wrong with it, and never shows a secret', async () => {
    tui.press(',')
    await tui.waitFor('overdue.tolerance')
    for (let at = 0; !tui.selected()?.startsWith('overdue.tolerance') && at < 30; at++) {
      const before = tui.selected()
      tui.press('j')
      await tui.until(() => tui.selected() !== before, 'the next row')
    }
    tui.press(KEYS.enter, '\u0015', 'soon', KEYS.enter)
    await tui.waitFor(/overdue\.tolerance.*soon/)
    tui.press(KEYS.enter, '\u0015', '2h', KEYS.enter)
    await tui.waitFor(/^. overdue\.tolerance +2h/m)
    expect(readFileSync(fleet.configFile, 'utf8')).toContain('2h')
    tui.press('g')
    for (let at = 0; !tui.selected()?.startsWith('smtp.password') && at < 30; at++) {
      const before = tui.selected()
      tui.press('j')
      await tui.until(() => tui.selected() !== before, 'the next row')
    }
    tui.press(KEYS.enter, 'hunter2')
    await tui.waitFor('smtp.password: *******')
    tui.press(KEYS.enter)
    await tui.waitFor(/smtp\.password +set/)
    expect(readFileSync(fleet.configFile, 'utf8')).not.toContain('hunter2')
    expect(tui.raw).not.toContain('hunter2')
  })

  it('makes a topic when asked to, shows its code, and sends a test there', async () => {
    const got: string[] = []
    const ntfy = createServer((request, response) => {
      request.on('data', (chunk) => got.push(String(chunk)))
      request.on('end', () => response.end('{"id":"1"}'))
    })
    await new Promise<void>((resolve) => ntfy.listen(0, '127.0.0.1', resolve))
    const { port } = ntfy.address() as AddressInfo
    await runProgram(['config', 'set', 'ntfy.url', `http://127.0.0.1:${port}`, '--config', fleet.configFile])
    tui.press('n')
    await tui.waitFor('No ntfy topic is set')
    tui.press(KEYS.enter)
    await tui.waitFor('Make an ntfy topic')
    tui.press('y')
    await tui.waitFor(/The topic is duplistatus-\w{12}/)
    await tui.waitFor('▀')
    expect(tui.text()).toContain(`Topic: http://127.0.0.1:${port}/duplistatus-`)
    tui.press(',')
    await tui.waitFor('Test ntfy')
    tui.press('g', KEYS.enter)
    await tui.waitFor('Send a test message by ntfy? [y/N]')
    tui.press('y')
    await tui.waitFor('Sent to duplistatus-')
    expect(got.join('')).toContain('duplistatus-')
    tui.press('j', KEYS.enter, 'y')
    await tui.waitFor('email has no destination yet')
    ntfy.close()
  })

  it("opens Duplicati's interface in the desktop's browser", async () => {
    await tui[Symbol.asyncDispose]()
    const opener = join(folder.path, 'xdg-open')
    const seen = join(folder.path, 'opened')
    writeFileSync(opener, `#!/bin/sh\necho "$1" > '${seen}'\n`)
    chmodSync(opener, 0o755)
    await open({ env: { DISPLAY: ':0', PATH: `${folder.path}:${process.env.PATH}` } })
    await select('Website')
    tui.press('O')
    await tui.waitFor('Opened http')
    await expect.poll(() => existsSync(seen) && readFileSync(seen, 'utf8')).toMatch(/\/ngax\/\n$/)
  })
})

it('(own) the log of the daemon, from its journal', async () => {
  const journal = join(folder.path, 'journalctl')
  const entry = JSON.stringify({
    level: 40,
    time: Date.parse('2026-11-24T04:00:00Z'),
    msg: 'nas \u001b[31mrefuses us',
    tries: 3,
  })
  const script = `#!/bin/sh\ncase "$*" in *--user*) exit 1;; esac\ni=0; while [ $i -lt 60 ]; do echo "Started $i"; i=$((i+1)); done\ncat <<'END'\n${entry}\nEND\n`
  writeFileSync(journal, script)
  chmodSync(journal, 0o755)
  await open({ env: { PATH: `${folder.path}:${process.env.PATH}` } })
  tui.press('D')
  await tui.waitFor('Started 20')
  tui.press('/', 'refuses', KEYS.enter)
  await tui.waitFor('"refuses": 1 of 1')
  expect(tui.text()).toContain('24 Nov 2026, 04:00 warn nas \ufffd[31mrefuses us tries=3')
  await tui[Symbol.asyncDispose]()
  writeFileSync(journal, '#!/bin/sh\nexit 1\n')
  await open({ env: { PATH: `${folder.path}:${process.env.PATH}` } })
  tui.press('D')
  await tui.waitFor('No journal of it is kept here')
})

describe('alerts and messages', () => {
  it('are listed, lead to their job, and can be tried again', async () => {
    const [job] = sql("SELECT id, server_id FROM job WHERE name = 'Accounting'") as { id: number; server_id: number }[]
    const now = Date.now()
    sql(`INSERT INTO alert (kind, server_id, job_id, since, opened_at, reminders, data)
           VALUES ('overdue', ${job?.server_id}, ${job?.id}, ${now - 7_500_000}, ${now - 3_600_000}, 2, '{}'),
                  ('unreachable', ${job?.server_id}, NULL, ${now - 7_200_000}, ${now - 3_600_000}, 0, '{"message":"refused"}');
         INSERT INTO event (id, key, kind, server_id, job_id, created_at, data)
           VALUES (1, 'alert:1:opened', 'overdue', ${job?.server_id}, ${job?.id}, ${now}, '{"kind":"test"}');
         INSERT INTO outbox (event_id, channel, destination, state, attempts, created_at, error)
           VALUES (1, 'email', 'me@mail.example', 'failed', 9, ${now}, 'Connection refused')`)
    await tui.waitFor('1 message could not be delivered')
    tui.press('A')
    await tui.waitFor('Alerts  2')
    expect(tui.text()).toMatch(/overdue +office-pc +Accounting +2h ago/)
    expect(tui.text()).toMatch(/unreachable +office-pc/)
    tui.press(KEYS.enter)
    await tui.waitFor('Job  office-pc/Accounting')
    tui.press('B')
    await tui.waitFor('0 waiting, 1 failed, 0 sent')
    expect(tui.text()).toMatch(/office-pc +Accounting +.*me@mail/)
    tui.press(KEYS.enter)
    await tui.waitFor('Try this message again now? [y/N]')
    tui.press('y')
    await tui.waitFor(/1 waiting, 0 failed, 0 sent|It could not be sent/)
  })
})

it('(own) works at 60x15 and in every view', async () => {
  await open({ columns: 60, rows: 15 })
  for (const key of ['w', 'A', 'B', ',', 'D', 'n', 'C', KEYS.esc, 'm', 't']) {
    tui.press(key)
    await tui.until(() => tui.lines().at(-1)?.endsWith('q quit') === true, `the footer after ${key}`)
  }
})
