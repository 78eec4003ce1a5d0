/** Believable histories of backup jobs: sizes that grow, versions that a retention policy thins, and what went wrong at times. */
import { RunLog } from './log.ts'
import { Random } from './random.ts'
import { type SimLine, type SimRun, usualLines } from './result.ts'

export interface History {
  seed: number
  /** How many backups there were. */
  count: number
  /** When backup `index` began (0 is the oldest), epoch milliseconds. */
  startOf: (index: number) => number
  /** Of the newest run; older ones had a little less. */
  files: number
  sourceBytes: number
  /** Usual duration in seconds. */
  seconds: number
  /** How many versions the retention policy keeps. */
  keep: number
  /** What was special about a run, by its age in runs (0 is the newest). */
  special?: (age: number) => Special | undefined
}

export type Special = 'unreadable' | 'missing' | 'partial' | 'skipped'

const TOTAL = 4_000_000_000_000

/** A log with the runs of a history, made when they are asked for. */
export function historyLog(history: History): RunLog {
  return new RunLog(history.count, (index) => historyRun(history, index))
}

/** Backup `index` of a history. */
export function historyRun(history: History, index: number): SimRun {
  const random = new Random(history.seed, index)
  const special = history.special?.(history.count - 1 - index)
  const beganAt = history.startOf(index) + random.between(150, 1900)
  const began = { operation: 'Backup', beganAt, beganTicks: random.between(0, 9999) }
  if (special === 'skipped') return skipped({ ...began, duration: random.between(40_000, 90_000) })
  const run = { ...began, ...sizes(history, index, random), ...versionsOf(history, index, beganAt) }
  if (special === 'missing') return missing(run, random)
  const lined = { ...run, lines: usualLines(run, history.seed) }
  if (special === 'unreadable') return unreadable(lined, random)
  return special === 'partial' ? partial(lined) : lined
}

function sizes(history: History, index: number, random: Random) {
  const grown = 0.8 + (0.2 * (index + 1)) / history.count
  const examined = Math.round(history.files * grown)
  const added = random.between(0, Math.ceil(history.files / 400))
  const modified = random.between(1, Math.ceil(history.files / 250))
  const perFile = history.sourceBytes / history.files
  const uploaded = Math.round((added + modified) * perFile * (0.5 + random.next() / 2)) + 4096
  const storage = Math.round(history.sourceBytes * grown * 0.62) + uploaded
  return {
    duration: Math.round(history.seconds * (0.8 + random.next() * 0.5) * 1e7),
    examined,
    added,
    modified,
    deleted: random.between(0, Math.ceil(history.files / 900)),
    sourceBytes: Math.round(examined * perFile),
    addedBytes: Math.round(added * perFile),
    modifiedBytes: Math.round(modified * perFile),
    uploaded,
    downloaded: Math.round(perFile * 3),
    storage,
    free: TOTAL - storage * 3,
    total: TOTAL,
  }
}

/** The versions that are there at the end of a run, and the lines of the retention policy that say so. */
function versionsOf(history: History, index: number, beganAt: number) {
  const before: number[] = []
  for (let older = index - 1; older >= 0 && before.length < history.keep; older--) {
    if (madeVersion(history, older)) before.push(secondOf(history, older))
  }
  const deleted = before.length === history.keep ? before.slice(-1) : []
  const newestVersion = Math.floor(beganAt / 1000) * 1000
  const versions = before.length + 1 - deleted.length
  return { versions, newestVersion, retention: { considered: before, deleted } }
}

function madeVersion(history: History, index: number): boolean {
  const special = history.special?.(history.count - 1 - index)
  return special !== 'missing' && special !== 'skipped'
}

/** The second in which a run began: what Duplicati names its version by. */
function secondOf(history: History, index: number): number {
  const began = history.startOf(index) + new Random(history.seed, index).between(150, 1900)
  return Math.floor(began / 1000) * 1000
}

function unreadable(run: SimRun, random: Random): SimRun {
  const folders = ['.cache/thumbnails', 'lost+found', 'Library/Containers', 'private/keys', 'System Volume Information']
  const count = random.between(3, folders.length)
  const warnings = folders.slice(0, count).map((folder): SimLine => {
    const tag = 'Duplicati.Library.Main.Operation.Backup.FileEnumerationProcess-PermissionDenied'
    const path = `/srv/data/${folder}`
    const text = `Excluding path due to permission denied: ${path}/\nUnauthorizedAccessException: Access to the path '${path}' is denied.`
    return { level: 'Warning', tag, text, after: 1200 }
  })
  return { ...run, result: 'Warning', lines: [...(run.lines ?? []), ...warnings] }
}

function partial(run: SimRun): SimRun {
  const tag = 'Duplicati.Library.Main.Operation.BackupHandler-PartialBackup'
  const line: SimLine = {
    level: 'Warning',
    tag,
    text: 'The backup was stopped: only a part of the files is in this version',
  }
  return { ...run, result: 'Warning', partial: true, lines: [...(run.lines ?? []), { ...line, after: 5000 }] }
}

/** A script said no: nothing was backed up, whatever the result says. */
function skipped(run: SimRun): SimRun {
  const tag = 'Duplicati.Library.Main.Controller-AbortOperation'
  const text = 'Aborting operation by request, requested result: Normal'
  return { ...run, interrupted: true, lines: [{ level: 'Information', tag, text }] }
}

/** Files are gone from the destination: nothing is backed up before a repair. */
function missing(run: SimRun, random: Random): SimRun {
  const names = [0, 1].map(() => `duplicati-b${random.hex(32)}.dblock.zip.aes`)
  const check = 'Duplicati.Library.Main.Operation.FilelistProcessor-MissingFile'
  const failed = 'Duplicati.Library.Main.Controller-FailedOperation'
  const text = `The operation Backup has failed\nRemoteListVerificationException: Found ${names.length} files that are missing from the remote storage, please run repair`
  const { retention: _, ...rest } = run
  return {
    ...rest,
    result: 'Fatal',
    duration: 41_733_902,
    uploaded: 0,
    downloaded: 0,
    examined: 0,
    added: 0,
    modified: 0,
    deleted: 0,
    sourceBytes: 0,
    addedBytes: 0,
    modifiedBytes: 0,
    newestVersion: retentionNewest(run),
    versions: run.retention?.considered.length ?? 0,
    lines: [
      {
        level: 'Information',
        tag: 'Duplicati.Library.Main.Controller-StartingOperation',
        text: 'The operation Backup has started',
      },
      ...names.map((name): SimLine => ({ level: 'Warning', tag: check, text: `Missing file: ${name}`, after: 3000 })),
      { level: 'Error', tag: failed, text, after: 4000 },
    ],
  }
}

function retentionNewest(run: SimRun): number {
  return run.retention?.considered[0] ?? run.beganAt
}
