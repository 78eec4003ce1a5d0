import type { Texts } from './types.ts'

export const texts: Texts = {
  name: 'English',
  templates: {
    success: {
      title: '{backup_name} on {server_alias}: backed up',
      message: `Done in {duration}, {uploaded_size} uploaded.
{file_count} files, {file_size}. At the destination: {available_versions} versions, {storage_size}.
Begun {backup_date}.`,
      priority: 'low',
      tags: 'white_check_mark',
    },
    warning: {
      title: '{backup_name} on {server_alias}: {status}',
      message: `Errors: {errors_count}, warnings: {warnings_count}. Last good backup: {last_success_date} ({last_success_elapsed}).
Begun {backup_date}, took {duration}. Failed in a row: {failures_in_a_row}.

{log_text}`,
      priority: 'high',
      tags: 'warning',
    },
    overdue: {
      title: '{backup_name} on {server_alias}: {problem}',
      message: `Expected {expected_date} ({expected_elapsed}), and nothing came.
Last run: {last_backup_date} ({last_elapsed}). Last good backup: {last_success_date} ({last_success_elapsed}).
Interval {backup_interval}, tolerance {overdue_tolerance}.`,
      priority: 'high',
      tags: 'hourglass',
    },
    recovery: {
      title: '{backup_name} on {server_alias}: well again',
      message: `Over after {problem_duration}: {problem}. Missed runs: {missed_runs}, failed in a row: {failures_in_a_row}.
Last good backup: {last_success_date}.`,
      priority: 'default',
      tags: 'green_circle',
    },
    digest: {
      title: 'Backups of the {period}: {problems_count} with problems',
      message: `{period_start} to {period_end}: {jobs_count} jobs on {servers_count} servers, {problems_count} with problems, {overdue_count} overdue.

{digest_text}`,
      priority: 'low',
      tags: 'clipboard',
    },
  },
  statuses: { Success: 'Success', Warning: 'Warning', Error: 'Error', Fatal: 'Fatal error', Unknown: 'Unknown result' },
  problems: {
    overdue: 'overdue',
    tooOld: 'too long without a good backup',
    failedEarly: 'failing before it begins',
    failed: 'failing',
    unreachable: 'unreachable',
  },
  periods: { day: 'day', week: 'week', month: 'month' },
  never: 'never',
  unknown: 'unknown',
  omitted: '… and {count} more',
  tooOld: `The last good backup is older than it may be, since {expected_date} ({expected_elapsed}).
Last run: {last_backup_date} ({last_elapsed}). Last good backup: {last_success_date} ({last_success_elapsed}).
Failed in a row: {failures_in_a_row}.`,
  unreachable: {
    title: '{server} can’t be reached',
    message: `No answer since {since}, so nobody knows how its {jobs} jobs are.
{reason}`,
  },
  reachable: { title: '{server} answers again', message: 'It was unreachable for {duration}.' },
  storm: { title: '{count} backups need attention', message: 'Found in one check:\n{list}' },
  calm: { title: '{count} backups are well again', message: 'It is over:\n{list}' },
  more: '… and {count} more',
  test: { title: 'duplistatus: a test', message: 'Messages of duplistatus arrive here.' },
}
