/**
 * `npm run screens`: draws the pictures of README and docs from a simulated fleet at a fixed moment, so that they are what the
 * program shows now. CI says when they are stale.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Chart from '../../commands/chart.ts'
import Collect from '../../commands/collect.ts'
import { createContext } from '../../src/cli/context.ts'
import { judging } from '../../src/cli/judging.ts'
import { createLook } from '../../src/output/look.ts'
import { openStore } from '../../src/store/index.ts'
import { App } from '../../src/tui/app.ts'
import { unpainted } from '../../src/tui/env.ts'
import { load } from '../../src/tui/load.ts'
import { createSource } from '../../src/tui/source.ts'
import { fleetDatabase } from '../support/fleet-database.ts'
import { ROOT, temporaryFolder } from '../support/program.ts'
import { runCommand } from '../support/run-command.ts'
import { svgOf } from './svg.ts'

const NOW = new Date('2026-11-24T04:00:00.000Z')
/** When somebody looks: some minutes after the collection. */
const LOOKED = NOW.getTime() + 4 * 60_000

interface Screen {
  name: string
  columns: number
  rows: number
  /** One text is one key, or a line to be typed. */
  keys: string[]
}

const SCREENS: Screen[] = [
  { name: 'dashboard', columns: 140, rows: 24, keys: ['/', 'acc', 'enter', 'esc'] },
  { name: 'cards', columns: 118, rows: 32, keys: ['t'] },
  { name: 'run', columns: 110, rows: 32, keys: ['/', 'website', 'enter', 'enter', 'enter'] },
  { name: 'overdue', columns: 100, rows: 26, keys: ['/', 'accounting', 'enter', 'e'] },
  { name: 'metrics', columns: 140, rows: 24, keys: ['/', 'documents', 'enter', 'm', 'M', 'M', 'M', 'M', '4'] },
]

const folder = temporaryFolder()
const target = join(ROOT, 'docs/screens')
mkdirSync(target, { recursive: true })
const { file, configFile, ...fleet } = await fleetDatabase(folder.path, NOW)
try {
  const collected = await runCommand(Collect, ['--all', '--concurrency', '1', '--db', file, '--config', configFile], {
    now: NOW,
  })
  if (collected.exitCode !== 0) throw new Error(collected.stderr)
  for (const screen of SCREENS) await draw(screen)
  const argv = ['nas/Documents', 'nas/Fotos*', 'laptop/Home*', '--metric', 'uploaded', '--db', file, '--tz', 'UTC']
  const color = { FORCE_COLOR: '1', LANG: 'en_GB.UTF-8', NO_COLOR: '' }
  const { stdout, stderr } = await runCommand(Chart, argv, { now: NOW, columns: 100, rows: 24, env: color })
  if (stdout === '') throw new Error(stderr)
  save('chart', stdout.trimEnd().split('\n'), 100)
} finally {
  await fleet[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
}

async function draw({ name, columns, rows, keys }: Screen): Promise<void> {
  const io = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: { LANG: 'en_GB.UTF-8' },
    now: () => new Date(LOOKED),
  }
  const context = createContext(io, { db: file, config: configFile, tz: 'UTC' })
  const store = await openStore({ file, mode: 'read', now: () => new Date(LOOKED) })
  const look = createLook({ color: true, unicode: true })
  let reading = 0
  const app = new App({
    size: { columns, rows },
    env: { look, locale: 'en-GB', timeZone: 'UTC' },
    clock: () => LOOKED,
    run: () => {},
    async load(key) {
      reading++
      try {
        return await load(key, { store, context, offsetAt: () => 0, now: LOOKED })
      } finally {
        reading--
      }
    },
  })
  const settled = async () => {
    do await new Promise((resolve) => setImmediate(resolve))
    while (reading > 0)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const source = createSource(
    () => store.read,
    (monitor, now) => judging(context, monitor, now),
  )
  app.dispatch({ type: 'snapshot', snapshot: await source.read(LOOKED), now: LOOKED })
  for (const key of keys) {
    app.press(/^(enter|esc)$/.test(key) || key.length === 1 ? [key] : [...key])
    await settled()
  }
  await store.close()
  save(name, app.lines(), columns)
}

function save(name: string, lines: readonly string[], columns: number): void {
  writeFileSync(
    join(target, `${name}.txt`),
    `${lines
      .map((line) => unpainted(line).trimEnd())
      .join('\n')
      .trimEnd()}\n`,
  )
  writeFileSync(join(target, `${name}.svg`), svgOf(lines, columns, `duplistatus: ${name}`))
}
