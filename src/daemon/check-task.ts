import { type Checked, runOverdueCheck } from '../ingest/overdue-check.ts'
import { plural } from '../output/format.ts'
import { askServers } from './collect-task.ts'
import { sendHeartbeat } from './heartbeat.ts'
import { nextTime } from './schedule.ts'
import type { Room } from './tasks.ts'

/** One overdue check of the daemon, and the sign of life that follows it. */
export async function checkTask(room: Room): Promise<Checked> {
  const { store, now, signal, listeningSince, log } = room
  const settings = room.settings()
  const { check: config, checkAt, zone, heartbeatUrl } = settings
  const nextAt = nextTime(checkAt, zone, now().getTime())
  const ask = (ids: string[]) => askServers({ store, settings, now: now(), signal }, ids)
  const checked = await runOverdueCheck({ store, config, now, ask, nextAt, listeningSince })
  if (checked.opened + checked.resolved + checked.joined + checked.parted > 0) log.info(sentence(checked))
  const failure = await sendHeartbeat(heartbeatUrl, signal)
  if (failure !== null) log.warn(failure)
  return checked
}

function sentence({ opened, resolved, joined, parted, overdue, jobs }: Checked): string {
  const parts = [
    `${plural(opened, 'alert')} opened`,
    `${resolved} ended`,
    `${overdue} of ${plural(jobs, 'job')} overdue`,
  ]
  if (joined > 0) parts.push(`${plural(joined, 'server')} recognised`)
  if (parted > 0) parts.push(`${plural(parted, 'server')} parted`)
  return `Overdue check: ${parts.join(', ')}`
}
