import type { ViewName } from '../model.ts'
import { alertsView } from './alerts.ts'
import { collectView } from './collect.ts'
import { jobView } from './job.ts'
import { jobSettingsView } from './job-settings.ts'
import { jobsView } from './jobs.ts'
import { logView } from './log.ts'
import { outboxView } from './outbox.ts'
import { overdueView } from './overdue.ts'
import { qrView } from './qr.ts'
import { runView } from './run.ts'
import { serverView } from './server.ts'
import { serversView } from './servers.ts'
import { settingsView } from './settings.ts'
import { testView } from './test.ts'
import { versionsView } from './versions.ts'
import type { ViewModule } from './view.ts'

export const VIEWS: Record<ViewName, ViewModule> = {
  jobs: jobsView,
  server: serverView,
  job: jobView,
  jobSettings: jobSettingsView,
  run: runView,
  overdue: overdueView,
  versions: versionsView,
  alerts: alertsView,
  outbox: outboxView,
  servers: serversView,
  test: testView,
  settings: settingsView,
  log: logView,
  qr: qrView,
  collect: collectView,
}
