import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RealServer } from './server.ts'

export interface JobSpec {
  name: string
  /** Folders below the server's folder. */
  source: string
  destination: string
  tags?: string[]
  /** Advanced options, with their leading `--`. */
  settings?: Record<string, string>
  schedule?: { time: Date; repeat: string; allowedDays?: string[] } | null
}

/** A job that was made on a real server. */
export interface MadeJob {
  id: string
  spec: JobSpec
}

/** Makes a job without encryption, with its source and destination folders, and gives its id. */
export async function makeJob(server: RealServer, spec: JobSpec): Promise<MadeJob> {
  mkdirSync(server.path(spec.source), { recursive: true })
  mkdirSync(server.path(spec.destination), { recursive: true })
  server.own(server.path(spec.destination))
  const { ID } = await server.api.post<{ ID: string }>('/backups', bodyOf(server, spec, null))
  return { id: ID, spec }
}

/** Saves a job again with changes, as the web interface does: whole. */
export async function changeJob(server: RealServer, job: MadeJob, changes: Partial<JobSpec>): Promise<MadeJob> {
  const spec = { ...job.spec, ...changes }
  const { DBPath } = (await server.api.backup(job.id)).Backup
  await server.api.call('PUT', `/backup/${job.id}`, bodyOf(server, spec, { ID: job.id, DBPath }))
  return { id: job.id, spec }
}

function bodyOf(server: RealServer, spec: JobSpec, old: { ID: string; DBPath: string } | null) {
  const settings = { 'encryption-module': '', '--no-encryption': 'true', ...spec.settings }
  return {
    Backup: {
      ID: old?.ID ?? null,
      Name: spec.name,
      Description: '',
      Tags: spec.tags ?? [],
      TargetURL: `file://${server.path(spec.destination)}`,
      DBPath: old?.DBPath ?? null,
      Sources: [`${server.path(spec.source)}/`],
      Settings: Object.entries(settings).map(([Name, Value]) => ({ Name, Value, Filter: '' })),
      Filters: [],
      Metadata: {},
    },
    Schedule: spec.schedule ? scheduleOf(spec.schedule) : null,
  }
}

function scheduleOf({ time, repeat, allowedDays }: NonNullable<JobSpec['schedule']>) {
  return {
    Repeat: repeat,
    Time: wholeSeconds(time),
    AllowedDays: allowedDays ?? ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
    Tags: [],
    ID: -1,
    Rule: '',
    LastRun: '0001-01-01T00:00:00Z',
  }
}

/** Duplicati stores schedules in whole seconds: `2026-11-24T01:30:00Z`. */
export function wholeSeconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}

/** Writes files of random content (it cannot be compressed away) of so many bytes each. */
export function fill(folder: string, files: Record<string, number>): void {
  for (const [name, bytes] of Object.entries(files)) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, randomBytes(bytes))
  }
}

/** `count` files `PREFIX-0.bin` … of `bytes` each. */
export function numbered(prefix: string, count: number, bytes: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}-${index}.bin`, bytes]))
}

/** A script whose exit code is what the file beside it says at the time. */
export function exitCodeScript(folder: string): { script: string; exit: (code: number) => void } {
  mkdirSync(folder, { recursive: true })
  const script = join(folder, 'exit.sh')
  const wanted = join(folder, 'exit-code')
  writeFileSync(script, `#!/bin/sh\nexit "$(cat '${wanted}')"\n`)
  chmodSync(script, 0o755)
  return { script, exit: (code) => writeFileSync(wanted, String(code)) }
}

/** The files of a destination that hold data, the largest first. */
export function volumes(folder: string, kind: 'dblock' | 'dindex' | 'dlist'): { file: string; bytes: number }[] {
  return readdirSync(folder)
    .filter((name) => name.includes(kind))
    .map((name) => ({ file: join(folder, name), bytes: statSync(join(folder, name)).size }))
    .sort((a, b) => b.bytes - a.bytes)
}
