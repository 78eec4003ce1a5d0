import { quickGet, quickRun } from '../store/quick.ts'
import type { Db } from '../store/schema.ts'

/** Reports write `DB-2` for the job that the API calls `2`. */
export function plainBackupId(backupId: string): string {
  return backupId.replace(/^DB-(?=\d+$)/, '')
}

/** Stands for the id of a job that is known by its name alone (an own template); no id of Duplicati begins like this. */
const NAMED = 'name:'

export function isNamed(backupId: string): boolean {
  return backupId.startsWith(NAMED)
}

interface Telling {
  serverId: number
  /** Without `DB-`; null where only the name is told. */
  backupId: string | null
  name: string
  /** When the run began that tells of the job, in milliseconds; null: the server says it now. */
  toldAt: number | null
}

/** A job that was looked up. */
export interface FoundJob {
  id: number
  name: string
}

/**
 * The job of a server; a job is its backup id, the name a label that may change (identity.md).
 * @param found the one of this backup id, where it was looked up already
 */
export async function jobOf(tx: Db, telling: Telling, found: FoundJob | null = null): Promise<number> {
  const { serverId, backupId, name } = telling
  if (backupId === null) return jobNamed(tx, serverId, name)
  const known = found ?? (await find(tx, serverId, backupId))
  if (known) {
    if (known.name !== name && (await isNewestName(tx, known.id, telling)))
      quickRun(tx, 'UPDATE job SET name = ? WHERE id = ?', name, known.id)
    return known.id
  }
  const namesake = await find(tx, serverId, NAMED + name)
  if (!namesake) return insert(tx, serverId, backupId, name)
  quickRun(tx, 'UPDATE job SET backup_id = ? WHERE id = ?', backupId, namesake.id)
  return namesake.id
}

/** The only job of this name, else one that is known by its name alone. */
async function jobNamed(tx: Db, serverId: number, name: string): Promise<number> {
  const own = await find(tx, serverId, NAMED + name)
  if (own) return own.id
  const only = quickGet<{ n: number; id: number }>(
    tx,
    'SELECT count(*) AS n, max(id) AS id FROM job WHERE server_id = ? AND name = ?',
    serverId,
    name,
  )
  return only?.n === 1 ? only.id : insert(tx, serverId, NAMED + name, name)
}

function find(tx: Db, serverId: number, backupId: string) {
  return quickGet<FoundJob>(tx, 'SELECT id, name FROM job WHERE server_id = ? AND backup_id = ?', serverId, backupId)
}

async function insert(tx: Db, serverId: number, backupId: string, name: string): Promise<number> {
  const { id } = quickRun(tx, 'INSERT INTO job (server_id, backup_id, name) VALUES (?, ?, ?)', serverId, backupId, name)
  return id
}

/** A run that comes late does not bring back a name that was changed since. */
async function isNewestName(tx: Db, jobId: number, { toldAt }: Telling): Promise<boolean> {
  if (toldAt === null) return true
  const newer = quickGet<{ at: number | null }>(
    tx,
    `SELECT max(coalesce((SELECT max(began_at) FROM run WHERE job_id = job.id), 0),
      coalesce((SELECT last_collected_at FROM server WHERE id = job.server_id), 0)) AS at
      FROM job WHERE id = ?`,
    jobId,
  )
  return toldAt >= (newer?.at ?? 0)
}

/** What runs of this source and job came with, noted once. */
export async function evidenceOf(tx: Db, sourceId: number, backupId: string, backupName: string): Promise<number> {
  const known = quickGet<{ id: number }>(
    tx,
    'SELECT id FROM evidence WHERE source_id = ? AND backup_id = ? AND backup_name = ?',
    sourceId,
    backupId,
    backupName,
  )
  if (known) return known.id
  const { id } = quickRun(
    tx,
    'INSERT INTO evidence (source_id, backup_id, backup_name) VALUES (?, ?, ?)',
    sourceId,
    backupId,
    backupName,
  )
  return id
}
