import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Action, BINDINGS } from '../../src/tui/keymap.ts'
import { type FleetDatabase, fleetDatabase } from '../support/fleet-database.ts'
import { runProgram, temporaryFolder } from '../support/program.ts'
import { KEYS, openTui, type Pty, type PtyOptions, type Wanted } from '../support/pty.ts'

const folder = temporaryFolder()
const opened = join(folder.path, 'opened')
let fleet: FleetDatabase

beforeAll(async () => {
  fleet = await fleetDatabase(folder.path)
  const { code, stderr } = await runProgram(['collect', '--all', '--db', fleet.file, '--config', fleet.configFile])
  if (code !== 0) throw new Error(stderr)
  script('xdg-open', `echo "$1" > '${opened}'`)
  script('journalctl', 'i=1; while [ $i -le 60 ]; do echo "line $i"; i=$((i+1)); done')
})
afterAll(async () => {
  await fleet[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** A program that the interface calls, in a folder that stands first in PATH. */
function script(name: string, text: string): void {
  writeFileSync(join(folder.path, name), `#!/bin/sh\n${text}\n`)
  chmodSync(join(folder.path, name), 0o755)
}

function sql(text: string): void {
  const db = new Database(fleet.file)
  db.exec(text)
  db.close()
}

const open = (options: PtyOptions = {}) =>
  openTui(
    fleet.file,
    { columns: 100, rows: 32, env: { DISPLAY: ':0', PATH: `${folder.path}:${process.env.PATH}` }, ...options },
    ['--config', fleet.configFile],
  )

const BYTES: Record<string, string> = {
  ...KEYS,
  pageup: KEYS.pageUp,
  pagedown: KEYS.pageDown,
  space: ' ',
  'ctrl-b': '\u0002',
  'ctrl-d': '\u0004',
  'ctrl-f': '\u0006',
  'ctrl-u': '\u0015',
}

/** What an action, by one of its keys, is seen to do; a text in `row` is in the selected row then. */
type Seen = Wanted | { row: string } | { not: Wanted }

/** Presses keys of the keymap one by one, and remembers which. */
class Walk {
  readonly pressed = new Set<string>()
  readonly tui: Pty

  constructor(tui: Pty) {
    this.tui = tui
  }

  async key(action: Action, key: string, seen: Seen): Promise<void> {
    expect(
      BINDINGS.some((binding) => binding.action === action && binding.keys.includes(key)),
      `${key} is a key of ${action}`,
    ).toBe(true)
    this.pressed.add(`${action} ${key}`)
    this.tui.press(BYTES[key] ?? key)
    if (typeof seen === 'string' || seen instanceof RegExp) await this.tui.waitFor(seen)
    else if ('row' in seen)
      await this.tui.until(() => this.tui.selected()?.includes(seen.row) === true, `${key} selects ${seen.row}`)
    else await this.tui.waitForNo(seen.not)
  }

  async type(text: string, wanted: Wanted): Promise<void> {
    this.tui.press(text)
    await this.tui.waitFor(wanted)
  }
}

it('every key does what the help says of it', async () => {
  await using tui = await open()
  const walk = new Walk(tui)
  const key = walk.key.bind(walk)

  for (const [down, up] of [
    ['j', 'k'],
    ['down', 'up'],
  ] as const) {
    await key('down', down, { row: 'Old projects' })
    await key('up', up, { row: 'Home folder' })
  }
  for (const [last, first] of [
    ['G', 'g'],
    ['end', 'home'],
  ] as const) {
    await key('last', last, { row: 'Website' })
    await key('first', first, { row: 'Home folder' })
  }
  for (const [down, up] of [
    ['pagedown', 'pageup'],
    ['ctrl-f', 'ctrl-b'],
    ['ctrl-d', 'ctrl-u'],
    ['space', 'pageup'],
  ] as const) {
    await key('pageDown', down, { row: 'Website' })
    await key('pageUp', up, { row: 'Home folder' })
  }

  await key('filter', '/', 'Filter:')
  await walk.type('!laptop', /9 of 12 {2}filter "!laptop"/)
  await walk.type(KEYS.enter, 'Enter open')
  await key('back', 'esc', /Jobs {2}12/)
  await key('problems', 'p', /4 of 12 {2}problems only/)
  await key('problems', 'p', /Jobs {2}12/)
  await key('sort', 's', 'by status')
  await key('reverse', 'i', 'by status (reverse)')
  await key('reverse', 'i', { not: 'reverse' })
  for (const sort of ['last', 'next', 'age', 'size', 'storage', 'uploaded', 'duration']) {
    await key('sort', 's', `by ${sort} `)
  }
  await key('sort', 's', { not: ' by ' })
  await key('group', 'b', 'laptop (3)')
  await key('group', 'b', 'overdue (1)')
  await key('group', 'b', { not: 'overdue (1)' })

  await key('first', 'g', { row: 'Home folder' })
  await key('panel', 'm', 'Schedule')
  await key('layout', 't', '┌──')
  for (const [right, left] of [
    ['right', 'left'],
    ['l', 'h'],
  ] as const) {
    await key('right', right, 'laptop/Old projects')
    await key('left', left, 'laptop/Home folder')
  }
  await key('layout', 't', { not: '┌──' })
  await key('panel', 'm', 'uploaded per day, last 30 days')
  await key('metric', 'M', 'duration per day')
  await key('metric', 'tab', 'files examined per day')
  for (const [at, days] of [7, 14, 30, 90, 365].entries()) {
    await key(`range${at + 1}` as Action, String(at + 1), `last ${days} days`)
  }
  await key('panel', 'm', { not: 'last 365 days' })

  for (const [enter, back] of [
    ['enter', 'esc'],
    ['l', 'h'],
    ['right', 'left'],
    ['enter', 'backspace'],
  ] as const) {
    await key('enter', enter, 'Job  laptop/Home folder')
    await key('back', back, /Jobs {2}12/)
  }
  const views: [Action, string, Wanted][] = [
    ['explain', 'e', 'Expected start  laptop/Home folder'],
    ['versions', 'v', 'Versions  laptop/Home folder'],
    ['server', 'S', 'Server  laptop'],
    ['servers', 'w', 'Servers  5'],
    ['alerts', 'A', 'Alerts  '],
    ['outbox', 'B', 'Messages  '],
    ['jobSettings', 'E', 'Settings of  laptop/Home folder'],
    ['settings', ',', 'Settings  '],
    ['log', 'D', 'Daemon log'],
    ['qr', 'n', 'ntfy topic'],
  ]
  for (const [action, name, wanted] of views) {
    await key(action, name, wanted)
    await key('back', 'esc', /Jobs {2}12/)
  }

  await key('jobSettings', 'E', /monitored +yes +default/)
  await key('last', 'G', { row: 'additional-notify' })
  await key('enter', 'enter', /additional-notify +\w+ +the job/)
  await key('inherit', 'I', /additional-notify +\w+ +default/)
  await key('back', 'esc', /Jobs {2}12/)
  await key('snooze', 'z', 'Snooze for')
  await walk.type(KEYS.esc, 'Enter open')

  await key('log', 'D', 'line 1')
  await key('search', '/', 'Search:')
  await walk.type(`line 5${KEYS.enter}`, '"line 5": 1 of 11')
  await key('nextMatch', 'n', '"line 5": 2 of 11')
  await key('previousMatch', 'N', '"line 5": 1 of 11')
  await key('back', 'esc', /Jobs {2}12/)

  await key('enter', 'enter', 'Job  laptop/Home folder')
  await key('enter', 'enter', 'Run  laptop/Home folder')
  await tui.waitFor('Duration')
  await key('level', 'f', '(warnings and errors only)')
  await key('level', 'f', '(errors only)')
  await key('level', 'f', { not: 'only)' })
  await key('back', 'esc', 'Job  laptop/Home folder')
  await key('back', 'esc', /Jobs {2}12/)

  await key('servers', 'w', 'Servers  5')
  await key('test', 'T', 'The server answers, and lets us in.')
  await key('open', 'o', /Opened http:\S+\/$/m)
  await key('openLegacy', 'O', /Opened http:\S+\/ngax\/$/m)
  await expect.poll(() => existsSync(opened) && readFileSync(opened, 'utf8')).toMatch(/\/ngax\/\n$/)
  await key('collect', 'c', '1 of 1 server: done')
  await tui.waitFor('Collected: ')
  await using hanging = hangingServer()
  sql(`UPDATE server SET url = '${await hanging.url}' WHERE alias = 'web1'`)
  await key('collectAll', 'C', '4 of 5 servers: running')
  await key('cancel', 'x', '5 of 5 servers: stopped')
  await tui.waitFor('Stopped: ')
  while (!/Jobs {2}12/.test(tui.text())) {
    const before = tui.text()
    tui.press(KEYS.esc)
    await tui.until((text) => text !== before, 'one step back')
  }

  await key('auto', 'a', ' held')
  sql("UPDATE job SET name = 'Renamed' WHERE name = 'Home folder'")
  await key('refresh', 'r', 'Renamed')
  await key('auto', 'a', ' live')
  await key('help', '?', 'Keys: Jobs')
  await walk.type(KEYS.esc, 'Enter open')
  tui.press('q')
  walk.pressed.add('quit q')
  expect((await tui.ended()).code).toBe(0)

  const all = new Set(BINDINGS.flatMap(({ action, keys }) => keys.map((name) => `${action} ${name}`)))
  expect([...all].filter((name) => !walk.pressed.has(name))).toEqual([])
}, 60_000)

/** Takes connections and never answers. */
function hangingServer(): AsyncDisposable & { url: Promise<string> } {
  const server = createServer(() => {})
  const url = new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe.each([
  [60, 15],
  [80, 24],
  [140, 40],
  [200, 60],
])('at %i x %i', (columns, rows) => {
  it('every view has its title, its age and its keys, whatever the size was before', async () => {
    await using tui = await open({ columns, rows })
    const whole = () => {
      const lines = tui.lines()
      return /data .+ live$/.test(lines[0] ?? '') && lines.at(-1)?.endsWith('? help  q quit') === true
    }
    const path = ['', 'm', 'm', 'm', 't', 't', 'b', KEYS.enter, KEYS.enter, 'e', 'v', 'S', 'E', 'w', 'T', 'A', 'B', ',']
    for (const key of [...path, 'D', 'n', 'C']) {
      tui.press(key)
      await tui.until(whole, `all of the screen after ${JSON.stringify(key)}`)
      tui.resize(59, 14)
      await tui.waitFor('duplistatus needs 60x15, this is 59x14')
      tui.resize(columns, rows)
      await tui.until(whole, `all of the screen again after ${JSON.stringify(key)}`)
    }
  })
})
