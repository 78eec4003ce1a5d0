import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import type { RawRow } from './api.ts'
import { changeJob, exitCodeScript, fill, type MadeJob, makeJob, numbered, volumes } from './jobs.ts'
import type { RealServer } from './server.ts'
import { until } from './until.ts'

const DAY = 86_400_000
/** Slow enough to be met in the middle: 36 MB at 3 MB a second. (2.3 hangs when aborted between smaller volumes.) */
const SLOW = { '--throttle-upload': '3mb', '--dblock-size': '4mb', '--blocksize': '100kb' }
const LOG_TEXTS_KEPT = 20

export type Outcome = Awaited<ReturnType<typeof makeOutcomes>>

/** One job for each thing that can become of a backup; each is run here, on a server that does one thing after another. */
export async function makeOutcomes(server: RealServer) {
  fill(server.path('src/documents'), { ...numbered('letter', 8, 5_000), 'folder/note.bin': 900 })
  const tomorrow = new Date(Date.now() + DAY)
  return {
    documents: await documents(server),
    unicode: await unicode(server),
    renamed: await ran(server, { name: 'Old name', source: 'src/documents', destination: 'dst/renamed' }),
    rehearsal: await rehearsal(server),
    rotated: await rotated(server),
    unreadable: await unreadable(server),
    lost: await lostVolume(server),
    damaged: await damagedVolume(server),
    scripted: await scripted(server),
    refused: await refusedByScript(server),
    refusedFirst: await refusedBeforeFirstRun(server),
    skippedFirst: await skippedBeforeFirstRun(server),
    misconfigured: await misconfigured(server),
    stopped: await interruptedBy(server, 'stop', 'Stopped half-way'),
    aborted: await interruptedBy(server, 'abort', 'Aborted'),
    neverRan: await makeJob(server, {
      name: 'Waiting for its night',
      source: 'src/documents',
      destination: 'dst/never',
      tags: ['night', 'off-site'],
      schedule: { time: tomorrow, repeat: '1W', allowedDays: [2, 3].map((days) => weekday(tomorrow, days)) },
    }),
    byHand: await makeJob(server, { name: 'By hand, never', source: 'src/documents', destination: 'dst/by-hand' }),
  }
}

/** Short name of the day so many days after this time; two days on it is another one in every time zone. */
function weekday(time: Date, days: number): string {
  const at = time.getTime() + days * DAY
  return new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'UTC' }).format(at).toLowerCase()
}

async function ran(server: RealServer, spec: Parameters<typeof makeJob>[1]): Promise<MadeJob> {
  const job = await makeJob(server, spec)
  await server.api.run(job.id)
  return job
}

/**
 * Runs a job again in a later second: Duplicati names versions by whole seconds, and two of one second end in "Something is
 * wrong with the clock".
 */
async function runAgain(server: RealServer, job: MadeJob): Promise<void> {
  const second = Math.floor(Date.now() / 1000)
  await until('the next second', () => Date.now() / 1000 >= second + 1)
  await server.api.run(job.id)
}

/** A first run, an unchanged one, a changed one, then every other operation. */
async function documents(server: RealServer): Promise<MadeJob> {
  const time = new Date(Date.now() + DAY)
  const job = await ran(server, {
    name: 'Documents',
    source: 'src/documents',
    destination: 'dst/documents',
    tags: ['home'],
    schedule: { time, repeat: '1D' },
  })
  await runAgain(server, job)
  fill(server.path('src/documents'), { 'letter-1.bin': 7_000, 'new.bin': 3_000 })
  rmSync(server.path('src/documents/letter-2.bin'))
  await runAgain(server, job)
  for (const operation of ['verify', 'compact', 'vacuum', 'repair']) await server.api.operate(job.id, operation, {})
  await server.api.operate(job.id, 'restore', {
    paths: [],
    passphrase: null,
    time: '0001-01-01T00:00:00Z',
    restore_path: server.path('temp/restored'),
    overwrite: true,
    permissions: false,
    skip_metadata: true,
  })
  return job
}

function unicode(server: RealServer): Promise<MadeJob> {
  return ran(server, {
    name: 'Fotos & Vidéos – 写真 📷',
    source: 'src/documents',
    destination: 'dst/photos',
    schedule: { time: new Date(Date.now() + 3 * DAY), repeat: '1W' },
  })
}

/** A real run, then a dry one: it leaves a row in 2.1 only, and counts nowhere. */
async function rehearsal(server: RealServer): Promise<MadeJob> {
  const job = await ran(server, { name: 'Rehearsal', source: 'src/documents', destination: 'dst/rehearsal' })
  const dry = await changeJob(server, job, { settings: { '--dry-run': 'true' } })
  await runAgain(server, dry)
  return dry
}

/** Versions thinned out by a policy, two are left: Duplicati's log names their dates then, in the server's locale. */
export async function rotated(server: RealServer): Promise<MadeJob> {
  const source = 'src/rotated'
  fill(server.path(source), numbered('page', 3, 2_000))
  const job = await ran(server, {
    name: 'Rotated',
    source,
    destination: 'dst/rotated',
    settings: { '--retention-policy': '1W:1D,4W:1W' },
  })
  for (const page of ['page-3.bin', 'page-4.bin', 'page-5.bin']) {
    fill(server.path(source), { [page]: 2_000 })
    await runAgain(server, job)
  }
  return job
}

/** More warnings than the log keeps texts of. */
async function unreadable(server: RealServer): Promise<MadeJob> {
  const folder = server.path('src/unreadable')
  const secrets = numbered('secret', LOG_TEXTS_KEPT + 5, 1_000)
  fill(folder, { ...numbered('open', 3, 1_000), ...secrets })
  for (const name of Object.keys(secrets)) chmodSync(`${folder}/${name}`, 0)
  return ran(server, { name: 'Unreadable', source: 'src/unreadable', destination: 'dst/unreadable' })
}

async function lostVolume(server: RealServer): Promise<MadeJob> {
  const job = await ran(server, { name: 'Lost volume', source: 'src/documents', destination: 'dst/lost' })
  rmSync(volumes(server.path('dst/lost'), 'dblock')[0]!.file)
  await runAgain(server, job)
  return job
}

/** The volume keeps its size, so only its verification after the backup finds out: Error in 2.1, Fatal later. */
async function damagedVolume(server: RealServer): Promise<MadeJob> {
  const job = await ran(server, {
    name: 'Damaged volume',
    source: 'src/documents',
    destination: 'dst/damaged',
    settings: { '--number-of-retries': '0', '--backup-test-percentage': '100' },
  })
  const { file, bytes } = volumes(server.path('dst/damaged'), 'dblock')[0]!
  writeFileSync(file, Buffer.alloc(bytes, 7))
  await runAgain(server, job)
  return job
}

/** Exit codes of `--run-script-before`: 0 run, 1 skip, 2 warn and run, 3 warn and skip, 4 error and run, 5 error and skip. */
async function scripted(server: RealServer): Promise<MadeJob> {
  const { script, exit } = exitCodeScript(server.path('scripts/before'))
  const job = await makeJob(server, {
    name: 'Scripted',
    source: 'src/documents',
    destination: 'dst/scripted',
    settings: { '--run-script-before': script },
  })
  for (const code of [0, 1, 2, 3, 4, 5]) {
    exit(code)
    await runAgain(server, job)
  }
  return job
}

/** The required script fails when the job has a local database: a Fatal row. */
async function refusedByScript(server: RealServer): Promise<MadeJob> {
  const { script, exit } = exitCodeScript(server.path('scripts/required'))
  exit(0)
  const job = await ran(server, {
    name: 'Refused later',
    source: 'src/documents',
    destination: 'dst/refused',
    settings: { '--run-script-before-required': script },
  })
  exit(1)
  await runAgain(server, job)
  return job
}

/** The same before its first run: nothing but the metadata, a notification and the server's log tells. */
function refusedBeforeFirstRun(server: RealServer): Promise<MadeJob> {
  const { script, exit } = exitCodeScript(server.path('scripts/required-first'))
  exit(3)
  return ran(server, {
    name: 'Refused at first',
    source: 'src/documents',
    destination: 'dst/refused-first',
    settings: { '--run-script-before-required': script },
  })
}

/** A script that fails and says skip, before the first run: only a notification tells. */
function skippedBeforeFirstRun(server: RealServer): Promise<MadeJob> {
  const { script, exit } = exitCodeScript(server.path('scripts/skip-first'))
  exit(5)
  return ran(server, {
    name: 'Skipped at first',
    source: 'src/documents',
    destination: 'dst/skipped-first',
    settings: { '--run-script-before': script },
  })
}

/** Options that exclude each other: Duplicati throws before there is a database. */
function misconfigured(server: RealServer): Promise<MadeJob> {
  return ran(server, {
    name: 'Misconfigured',
    source: 'src/documents',
    destination: 'dst/misconfigured',
    settings: { '--dblock-size': '1mb', '--blocksize': '1mb' },
  })
}

async function interruptedBy(server: RealServer, how: 'stop' | 'abort', name: string): Promise<MadeJob> {
  const job = await slowJob(server, name)
  const task = await beginSlowly(server, job)
  await endTask(server, task, how)
  try {
    await server.api.ended(task, 30_000)
  } catch {
    // A server was seen to take a request and go on: it is asked once more.
    await endTask(server, task, how)
    await server.api.ended(task)
  }
  return job
}

/** A job whose backup takes some 12 s, unless it is ended before. */
export function slowJob(server: RealServer, name: string): Promise<MadeJob> {
  fill(server.path('src/big'), numbered('big', 120, 300_000))
  return makeJob(server, { name, source: 'src/big', destination: `dst/${name}`, settings: SLOW })
}

/** Begins a slow backup, waits until it has stored something, and gives the task. */
export async function beginSlowly(server: RealServer, job: MadeJob): Promise<number> {
  const task = await server.api.begin(job.id)
  const folder = server.path(job.spec.destination)
  await until(
    'the slow backup has made two volumes',
    () => volumes(folder, 'dblock').length,
    (made) => made >= 2,
  )
  return task
}

/** `stop` ends after the current file; 2.1 knows it by a longer name only. */
export async function endTask(server: RealServer, task: number, how: 'stop' | 'abort'): Promise<void> {
  try {
    await server.api.post(`/task/${task}/${how}`)
  } catch (error) {
    if (how === 'abort') throw error
    await server.api.post(`/task/${task}/stopaftercurrentfile`)
  }
}

/** Every job's log as the server gives it, by backup id. */
export async function readLogs(server: RealServer): Promise<Map<string, RawRow[]>> {
  const logs = new Map<string, RawRow[]>()
  for (const { Backup } of await server.api.backups()) logs.set(Backup.ID, await server.api.log(Backup.ID))
  return logs
}
