import type { ViewName } from '../model.ts'
import { jobView } from './job.ts'
import { jobsView } from './jobs.ts'
import { laterView } from './later.ts'
import { runView } from './run.ts'
import { serverView } from './server.ts'
import { serversView } from './servers.ts'
import { versionsView } from './versions.ts'
import type { ViewModule } from './view.ts'

export const VIEWS: Record<ViewName, ViewModule> = {
  jobs: jobsView,
  server: serverView,
  job: jobView,
  run: runView,
  versions: versionsView,
  servers: serversView,
  overdue: laterView,
  alerts: laterView,
  outbox: laterView,
  test: laterView,
  settings: laterView,
  log: laterView,
  qr: laterView,
  collect: laterView,
}
