import type { Database } from 'better-sqlite3'

/**
 * Step n brings a database from version n-1 to n; a step that has been released is never changed. Ids of servers and sources are
 * never given again: a collection that is under way, a script or an audit entry may still name one that was removed.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE server (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    alias TEXT, note TEXT, tags TEXT NOT NULL DEFAULT '[]',
    machine_name TEXT, url TEXT, pin TEXT,
    secret_owner TEXT NOT NULL, sealed_password TEXT, sealed_headers TEXT,
    duplicati_version TEXT, time_zone TEXT, keep_clock_time INTEGER NOT NULL DEFAULT 1,
    paused INTEGER NOT NULL DEFAULT 0, paused_until INTEGER,
    last_collected_at INTEGER, last_report_at INTEGER,
    error_code TEXT, error_message TEXT, error_since INTEGER,
    created_at INTEGER NOT NULL,
    joined_into INTEGER REFERENCES server(id) ON DELETE CASCADE
  ) STRICT;

  CREATE TABLE source (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server_id INTEGER NOT NULL REFERENCES server(id) ON DELETE CASCADE,
    address TEXT NOT NULL, machine_id TEXT NOT NULL, machine_name TEXT NOT NULL,
    told_id TEXT NOT NULL DEFAULT '',
    first_seen_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL,
    UNIQUE (address, machine_id, machine_name)
  ) STRICT;
  CREATE INDEX source_server ON source (server_id);

  CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    server_id INTEGER NOT NULL REFERENCES server(id) ON DELETE CASCADE,
    backup_id TEXT NOT NULL, name TEXT NOT NULL, tags TEXT NOT NULL DEFAULT '[]', destination TEXT, gone_at INTEGER,
    schedule_time INTEGER, schedule_repeat TEXT, schedule_days TEXT NOT NULL DEFAULT '', schedule_last_run INTEGER,
    planned_at INTEGER, queued INTEGER NOT NULL DEFAULT 0, running TEXT,
    last_finished_at INTEGER, failure_at INTEGER, failure_message TEXT, failure_source TEXT,
    monitored INTEGER NOT NULL DEFAULT 1, snoozed_until INTEGER,
    last_run TEXT, last_success_at INTEGER, last_version_at INTEGER, last_interrupted_at INTEGER,
    recent TEXT NOT NULL DEFAULT '', runs INTEGER NOT NULL DEFAULT 0, uploaded_bytes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (server_id, backup_id)
  ) STRICT;

  CREATE TABLE log_mark (
    source_id INTEGER NOT NULL REFERENCES source(id) ON DELETE CASCADE,
    backup_id TEXT NOT NULL, row_id INTEGER NOT NULL, fingerprint TEXT NOT NULL,
    PRIMARY KEY (source_id, backup_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE evidence (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source(id) ON DELETE CASCADE,
    backup_id TEXT NOT NULL, backup_name TEXT NOT NULL,
    UNIQUE (source_id, backup_id, backup_name)
  ) STRICT;

  CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    operation TEXT NOT NULL, status TEXT NOT NULL, counting INTEGER NOT NULL,
    began_at INTEGER NOT NULL, began_ticks INTEGER, ended_at INTEGER, duration_ticks INTEGER,
    partial INTEGER NOT NULL, interrupted INTEGER NOT NULL, dry_run INTEGER NOT NULL,
    examined_files INTEGER, opened_files INTEGER, added_files INTEGER, modified_files INTEGER, deleted_files INTEGER,
    examined_bytes INTEGER, added_bytes INTEGER, modified_bytes INTEGER, uploaded_bytes INTEGER, downloaded_bytes INTEGER,
    storage_bytes INTEGER, free_bytes INTEGER, total_bytes INTEGER, versions INTEGER,
    messages INTEGER NOT NULL, warnings INTEGER NOT NULL, errors INTEGER NOT NULL,
    exception TEXT, duplicati_version TEXT, received_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX run_of_job ON run (job_id, began_at);
  CREATE INDEX run_at ON run (began_at);

  CREATE TABLE run_source (
    run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    evidence_id INTEGER NOT NULL REFERENCES evidence(id) ON DELETE CASCADE,
    way INTEGER NOT NULL,
    PRIMARY KEY (run_id, evidence_id, way)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX run_source_evidence ON run_source (evidence_id);

  CREATE TABLE run_log (
    run_id INTEGER PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE,
    body BLOB NOT NULL
  ) STRICT;

  CREATE TABLE notice (
    id INTEGER PRIMARY KEY,
    server_id INTEGER NOT NULL REFERENCES server(id) ON DELETE CASCADE,
    backup_id TEXT, source TEXT NOT NULL, level TEXT NOT NULL, at INTEGER NOT NULL, title TEXT, message TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    UNIQUE (server_id, fingerprint)
  ) STRICT;

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL, action TEXT NOT NULL, server_id INTEGER, reason TEXT, data TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL, role TEXT NOT NULL, digest TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER, last_used_at INTEGER
  ) STRICT;

  CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at INTEGER NOT NULL, address TEXT, content_type TEXT, query TEXT NOT NULL DEFAULT '',
    bytes INTEGER NOT NULL, reason TEXT NOT NULL, digest TEXT NOT NULL, body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX quarantine_digest ON quarantine (digest);

  ALTER TABLE run ADD COLUMN set_aside TEXT;
  ALTER TABLE run ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0;

  ALTER TABLE job ADD COLUMN planned_seen_at INTEGER;
  ALTER TABLE job ADD COLUMN reported_next_at INTEGER;
  ALTER TABLE job ADD COLUMN reported_next_seen_at INTEGER;
  ALTER TABLE job ADD COLUMN last_report_at INTEGER;
  ALTER TABLE job ADD COLUMN live_at INTEGER;
  ALTER TABLE job ADD COLUMN habits TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE job ADD COLUMN failures_in_a_row INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE job ADD COLUMN snoozed_at INTEGER;
  ALTER TABLE job ADD COLUMN snooze_reason TEXT;

  CREATE TABLE job_setting (
    job_id INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    field TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (job_id, field)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE server_setting (
    server_id INTEGER NOT NULL REFERENCES server(id) ON DELETE CASCADE,
    field TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (server_id, field)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    server_id INTEGER NOT NULL REFERENCES server(id) ON DELETE CASCADE,
    job_id INTEGER REFERENCES job(id) ON DELETE CASCADE,
    since INTEGER NOT NULL, opened_at INTEGER NOT NULL,
    reminded_at INTEGER, reminders INTEGER NOT NULL DEFAULT 0,
    resolved_at INTEGER, data TEXT NOT NULL DEFAULT '{}'
  ) STRICT;
  CREATE UNIQUE INDEX alert_open ON alert (kind, server_id, coalesce(job_id, 0)) WHERE resolved_at IS NULL;
  CREATE INDEX alert_job ON alert (job_id, opened_at);

  CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    server_id INTEGER, job_id INTEGER, run_id INTEGER, alert_id INTEGER,
    created_at INTEGER NOT NULL, data TEXT NOT NULL
  ) STRICT;

  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id INTEGER NOT NULL REFERENCES event(id) ON DELETE CASCADE,
    channel TEXT NOT NULL, destination TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL, next_attempt_at INTEGER, claimed_by TEXT, claimed_until INTEGER,
    sent_at INTEGER, error TEXT,
    UNIQUE (event_id, channel, destination)
  ) STRICT;
  CREATE INDEX outbox_waiting ON outbox (next_attempt_at, id) WHERE state = 'waiting';
  CREATE INDEX outbox_failed ON outbox (id) WHERE state = 'failed';

  CREATE TABLE template (
    kind TEXT NOT NULL, language TEXT NOT NULL,
    title TEXT NOT NULL, message TEXT NOT NULL, priority TEXT NOT NULL, tags TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (kind, language)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE monitor (
    key TEXT PRIMARY KEY, value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE job ADD COLUMN archived_at INTEGER;
  `,
  `
  ALTER TABLE job ADD COLUMN log_read_at INTEGER;
  CREATE INDEX source_name ON source (machine_name, machine_id);
  `,
  `
  ALTER TABLE run ADD COLUMN next_at INTEGER;
  `,
  `
  CREATE INDEX event_alert ON event (alert_id) WHERE alert_id IS NOT NULL;
  `,
  // Sources of runs go with their runs. As evidence was referred to, it needed an index, which each new run had to change somewhere.
  `
  CREATE TABLE run_source_now (
    run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    evidence_id INTEGER NOT NULL, way INTEGER NOT NULL,
    PRIMARY KEY (run_id, evidence_id, way)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO run_source_now SELECT run_id, evidence_id, way FROM run_source ORDER BY run_id, evidence_id, way;
  DROP TABLE run_source;
  ALTER TABLE run_source_now RENAME TO run_source;
  `,
]

/** Marks the file as ours ("dupl" in ASCII), so that another program's database is never changed. */
export const APPLICATION_ID = 0x6475706c

/** Brings the database to the newest version, each step in a transaction of its own; safe when two processes start at once. */
export function migrate(db: Database, steps: readonly string[] = MIGRATIONS): void {
  while (versionOf(db) < steps.length) {
    db.exec('BEGIN IMMEDIATE')
    try {
      const version = versionOf(db)
      const step = steps[version]
      if (step !== undefined) {
        db.exec(step)
        db.pragma(`user_version = ${version + 1}`)
        db.pragma(`application_id = ${APPLICATION_ID}`)
      }
      db.exec('COMMIT')
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
}

export function versionOf(db: Database): number {
  return db.pragma('user_version', { simple: true }) as number
}
