import type { Texts } from './types.ts'

export const texts: Texts = {
  name: 'Hindi (Latin)',
  templates: {
    success: {
      title: '{server_alias} par {backup_name}: backup ho gaya',
      message: `{duration} mein poora, {uploaded_size} upload hua.
{file_count} files, {file_size}. Destination par: {available_versions} versions, {storage_size}.
Shuru: {backup_date}.`,
      priority: 'low',
      tags: 'white_check_mark',
    },
    warning: {
      title: '{server_alias} par {backup_name}: {status}',
      message: `Errors: {errors_count}, warnings: {warnings_count}. Aakhri sahi backup: {last_success_date} ({last_success_elapsed}).
Shuru: {backup_date}, samay laga: {duration}. Lagataar fail: {failures_in_a_row}.

{log_text}`,
      priority: 'high',
      tags: 'warning',
    },
    overdue: {
      title: '{server_alias} par {backup_name}: {problem}',
      message: `{expected_date} ({expected_elapsed}) ko aana tha, kuchh nahin aaya.
Aakhri run: {last_backup_date} ({last_elapsed}). Aakhri sahi backup: {last_success_date} ({last_success_elapsed}).
Interval {backup_interval}, tolerance {overdue_tolerance}.`,
      priority: 'high',
      tags: 'hourglass',
    },
    recovery: {
      title: '{server_alias} par {backup_name}: ab theek hai',
      message: `Pehle {problem_duration} tak: {problem}. Chhoote hue runs: {missed_runs}, lagataar fail: {failures_in_a_row}.
Aakhri sahi backup: {last_success_date}.`,
      priority: 'default',
      tags: 'green_circle',
    },
    digest: {
      title: 'Backups, {period}: {problems_count} mein dikkat',
      message: `{period_start} se {period_end} tak: {servers_count} servers par {jobs_count} jobs, {problems_count} mein dikkat, {overdue_count} late.

{digest_text}`,
      priority: 'low',
      tags: 'clipboard',
    },
  },
  statuses: {
    Success: 'Safal',
    Warning: 'Chetavani',
    Error: 'Error',
    Fatal: 'Gambhir error',
    Unknown: 'Nateeja pata nahin',
  },
  problems: {
    overdue: 'late hai',
    tooOld: 'bahut din se sahi backup nahin',
    failedEarly: 'shuru hone se pehle fail',
    failed: 'fail ho raha hai',
    unreachable: 'pahunch mein nahin',
  },
  periods: { day: 'din', week: 'hafta', month: 'mahina' },
  never: 'kabhi nahin',
  unknown: 'pata nahin',
  omitted: '… aur {count} lines',
  tooOld: `Aakhri sahi backup {expected_date} ({expected_elapsed}) se zyada purana hai.
Aakhri run: {last_backup_date} ({last_elapsed}). Aakhri sahi backup: {last_success_date} ({last_success_elapsed}).
Lagataar fail: {failures_in_a_row}.`,
  unreachable: {
    title: '{server} tak pahunch nahin ho rahi',
    message: `{since} se koi jawab nahin, isliye iske {jobs} jobs ka haal pata nahin.
{reason}`,
  },
  reachable: { title: '{server} phir se jawab de raha hai', message: '{duration} tak pahunch nahin thi.' },
  storm: { title: '{count} backups par dhyan dein', message: 'Ek hi jaanch mein mile:\n{list}' },
  calm: { title: '{count} backups phir theek hain', message: 'Ab khatam:\n{list}' },
  more: '… aur {count}',
  test: { title: 'duplistatus: ek test', message: 'duplistatus ke messages yahan aate hain.' },
}
