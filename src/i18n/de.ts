import type { Texts } from './types.ts'

export const texts: Texts = {
  name: 'Deutsch',
  templates: {
    success: {
      title: '{backup_name} auf {server_alias}: gesichert',
      message: `Fertig nach {duration}, {uploaded_size} hochgeladen.
{file_count} Dateien, {file_size}. Am Ziel: {available_versions} Versionen, {storage_size}.
Beginn: {backup_date}.`,
      priority: 'low',
      tags: 'white_check_mark',
    },
    warning: {
      title: '{backup_name} auf {server_alias}: {status}',
      message: `Fehler: {errors_count}, Warnungen: {warnings_count}. Letzte gute Sicherung: {last_success_date} ({last_success_elapsed}).
Beginn: {backup_date} (Dauer {duration}), {failures_in_a_row}-mal in Folge fehlgeschlagen.

{log_text}`,
      priority: 'high',
      tags: 'warning',
    },
    overdue: {
      title: '{backup_name} auf {server_alias}: {problem}',
      message: `Erwartet {expected_date} ({expected_elapsed}), aber nichts kam.
Letzter Lauf: {last_backup_date} ({last_elapsed}). Letzte gute Sicherung: {last_success_date} ({last_success_elapsed}).
Intervall {backup_interval}, Toleranz {overdue_tolerance}.`,
      priority: 'high',
      tags: 'hourglass',
    },
    recovery: {
      title: '{backup_name} auf {server_alias}: wieder in Ordnung',
      message: `Vorher {problem_duration} lang: {problem}. Ausgefallene Läufe: {missed_runs}, fehlgeschlagen in Folge: {failures_in_a_row}.
Letzte gute Sicherung: {last_success_date}.`,
      priority: 'default',
      tags: 'green_circle',
    },
    digest: {
      title: 'Sicherungen, {period}: {problems_count} mit Problemen',
      message: `{period_start} bis {period_end}: {jobs_count} Aufträge auf {servers_count} Servern, {problems_count} mit Problemen, {overdue_count} überfällig.

{digest_text}`,
      priority: 'low',
      tags: 'clipboard',
    },
  },
  statuses: {
    Success: 'Erfolg',
    Warning: 'Warnung',
    Error: 'Fehler',
    Fatal: 'Schwerer Fehler',
    Unknown: 'Ergebnis unbekannt',
  },
  problems: {
    overdue: 'überfällig',
    tooOld: 'zu lange ohne gute Sicherung',
    failedEarly: 'scheitert vor dem Beginn',
    failed: 'fehlgeschlagen',
    unreachable: 'nicht erreichbar',
  },
  periods: { day: 'Tag', week: 'Woche', month: 'Monat' },
  never: 'nie',
  unknown: 'unbekannt',
  omitted: '… und {count} weitere',
  tooOld: `Die letzte gute Sicherung ist seit {expected_date} ({expected_elapsed}) älter, als sie sein darf.
Letzter Lauf: {last_backup_date} ({last_elapsed}). Letzte gute Sicherung: {last_success_date} ({last_success_elapsed}).
Fehlgeschlagen in Folge: {failures_in_a_row}.`,
  unreachable: {
    title: '{server} ist nicht erreichbar',
    message: `Keine Antwort seit {since}; wie es um die {jobs} Aufträge steht, ist nicht bekannt.
{reason}`,
  },
  reachable: { title: '{server} antwortet wieder', message: 'Der Server war {duration} lang nicht erreichbar.' },
  storm: { title: '{count} Sicherungen brauchen Aufmerksamkeit', message: 'In einer Prüfung gefunden:\n{list}' },
  calm: { title: '{count} Sicherungen sind wieder in Ordnung', message: 'Vorbei ist:\n{list}' },
  more: '… und {count} weitere',
  test: { title: 'duplistatus: ein Test', message: 'Nachrichten von duplistatus kommen hier an.' },
}
