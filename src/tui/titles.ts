import type { ViewName } from './model.ts'

/** What a view is called in a headline. */
export const VIEW_TITLES: Record<ViewName, string> = {
  jobs: 'Jobs',
  server: 'Server',
  job: 'Job',
  jobSettings: 'Settings of',
  run: 'Run',
  overdue: 'Expected start',
  versions: 'Versions',
  alerts: 'Alerts',
  outbox: 'Messages',
  servers: 'Servers',
  test: 'Connection test',
  settings: 'Settings',
  log: 'Daemon log',
  qr: 'ntfy topic',
  collect: 'Collect',
}
