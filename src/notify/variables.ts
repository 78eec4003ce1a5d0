import type { TemplateKind } from '../i18n/types.ts'

const OF_SERVER = ['server_name', 'server_alias', 'server_note', 'server_url'] as const
const OF_JOB = ['backup_name'] as const
const OF_RUN = [
  'status',
  'backup_date',
  'duration',
  'uploaded_size',
  'storage_size',
  'file_size',
  'file_count',
  'available_versions',
  'messages_count',
  'warnings_count',
  'errors_count',
  'log_text',
] as const
const OF_LAST_RUN = ['last_backup_date', 'last_elapsed'] as const
const OF_LAST_SUCCESS = ['last_success_date', 'last_success_elapsed'] as const
const OF_FAILURES = ['failures_in_a_row'] as const
const OF_EXPECTATION = ['expected_date', 'expected_elapsed', 'backup_interval', 'overdue_tolerance'] as const
/** What templates of the web application may name beside: the interval once more, and nothing. */
const LEGACY = ['backup_interval_value', 'backup_interval_type'] as const

/** The variables of each template; anything else in braces is an error when it is saved. */
export const VARIABLES = {
  success: [...OF_SERVER, ...OF_JOB, ...OF_RUN],
  warning: [...OF_SERVER, ...OF_JOB, ...OF_RUN, ...OF_LAST_SUCCESS, ...OF_FAILURES],
  overdue: [
    ...OF_SERVER,
    ...OF_JOB,
    ...OF_LAST_RUN,
    ...OF_LAST_SUCCESS,
    ...OF_EXPECTATION,
    ...LEGACY,
    ...OF_FAILURES,
    'problem',
  ],
  recovery: [
    ...OF_SERVER,
    ...OF_JOB,
    ...OF_LAST_RUN,
    ...OF_LAST_SUCCESS,
    ...OF_FAILURES,
    'problem',
    'problem_duration',
    'missed_runs',
  ],
  digest: [
    ...OF_SERVER,
    ...OF_JOB,
    'period',
    'period_start',
    'period_end',
    'servers_count',
    'jobs_count',
    'problems_count',
    'overdue_count',
    'digest_text',
  ],
} as const satisfies Readonly<Record<TemplateKind, readonly string[]>>

export type VariableOf<Kind extends TemplateKind> = (typeof VARIABLES)[Kind][number]
export type Variable = VariableOf<TemplateKind>

/** Those that may be longer than a line. */
export const LONG_VARIABLES: ReadonlySet<string> = new Set(['log_text', 'digest_text'])
