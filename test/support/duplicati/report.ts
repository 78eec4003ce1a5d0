/** What Duplicati posts when an operation has ended, as JSON: the result without its texts, which stand beside it as log lines. */
import { compactDate, fieldsSince } from './release.ts'
import { type ResultContext, resultMessage, type SimRun } from './result.ts'

/** In a report they are nowhere but in its log lines. */
const TEXTS = ['Messages', 'Warnings', 'Errors']

export interface Reporter extends ResultContext {
  machineId: string
  machineName: string
  backupId: string
  backupName: string
}

/** @param next the scheduler's next run, which only runs that it started tell */
export function reportBody(run: SimRun, reporter: Reporter, next: number | null = null): string {
  const { Messages, Warnings, Errors, Exception = null, ...result } = JSON.parse(resultMessage(run, reporter))
  const Data = JSON.parse(JSON.stringify(result), (key, value) => (TEXTS.includes(key) ? undefined : value))
  const { machineId, machineName, backupId, backupName } = reporter
  const Extra = {
    OperationName: run.operation,
    'machine-id': machineId,
    'machine-name': machineName,
    'backup-id': `DB-${backupId}`,
    'backup-name': backupName,
    ...fieldsSince(reporter.release, '2.2.0.3', {
      'next-scheduled-run': next === null ? null : compactDate(next),
      'operating-system': 'Linux',
      'operating-system-detailed': 'Debian GNU/Linux 12 (bookworm)',
      'installation-type': '',
      'destination-type': 's3',
      'destination-host-suffix': null,
      'update-channel': 'Stable',
    }),
  }
  const LogLines = [...Messages, ...Warnings, ...Errors].toSorted((one: string, other: string) =>
    one.slice(0, 19) < other.slice(0, 19) ? -1 : Number(one.slice(0, 19) > other.slice(0, 19)),
  )
  return JSON.stringify({ Data, Extra, LogLines, Exception })
}
