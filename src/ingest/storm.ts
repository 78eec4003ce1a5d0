import type { AlertData } from '../fleet/alerts/types.ts'
import type { EventData, StormEvent } from '../fleet/events.ts'
import type { Destination } from '../fleet/rules.ts'
import { addEvent } from '../store/outbox.ts'
import type { Db } from '../store/schema.ts'

/** What is to be told of one alert, and to whom. */
export interface News {
  alertId: number
  serverId: number | null
  jobId: number | null
  key: string
  at: number
  data: EventData
  /** Its line in a message about many. */
  item: StormEvent['items'][number]
  destinations: Destination[]
  /** What is kept with the alert; null where it has ended. */
  alertData: AlertData | null
}

/** A message names so many; the rest is a number. */
const NAMED = 30

/**
 * Writes the events. Where many alerts of one check go to a destination they are one message: each destination reads of what it
 * would have been told of, and of nothing else.
 * @returns how many events were written
 */
export async function tellAll(
  tx: Db,
  news: readonly News[],
  { asOne, recovered, now }: { asOne: boolean; recovered: boolean; now: number },
): Promise<number> {
  if (!asOne) return tellEach(tx, news)
  const groups = groupsOf(news)
  let written = 0
  for (const [index, { members, destinations }] of groups.entries()) {
    const [first] = members
    if (!first) continue
    if (members.length === 1) {
      written += await tellEach(tx, [{ ...first, destinations }])
      continue
    }
    const items = members.slice(0, NAMED).map(({ item }) => item)
    const data: StormEvent = { kind: 'storm', count: members.length, items, recovered }
    const key = `${recovered ? 'calm' : 'storm'}:${now}:${first.alertId}:${index}`
    const event = { key, serverId: null, jobId: null, runId: null, alertId: null, at: now, data }
    if (await addEvent(tx, event, destinations)) written++
  }
  for (const one of news) await noteTold(tx, one, groups)
  return written
}

async function tellEach(tx: Db, news: readonly News[]): Promise<number> {
  let written = 0
  for (const { destinations, item: _, alertData: __, ...event } of news) {
    if (await addEvent(tx, { ...event, runId: null }, destinations)) written++
  }
  return written
}

interface Group {
  members: News[]
  destinations: Destination[]
}

/** Destinations that are told of the same alerts share one event. */
function groupsOf(news: readonly News[]): Group[] {
  const byDestination = new Map<string, { destination: Destination; members: News[] }>()
  for (const one of news) {
    for (const destination of one.destinations) {
      const key = `${destination.channel} ${destination.destination}`
      const known = byDestination.get(key)
      if (known) known.members.push(one)
      else byDestination.set(key, { destination, members: [one] })
    }
  }
  const alike = Map.groupBy(byDestination.values(), ({ members }) => members.map(({ alertId }) => alertId).join())
  return [...alike.values()].map((group) => ({
    members: group[0]?.members ?? [],
    destinations: group.map(({ destination }) => destination),
  }))
}

/** A message about many belongs to no alert: who got it is kept with each, so that they hear of its end. */
async function noteTold(tx: Db, { alertId, alertData }: News, groups: readonly Group[]): Promise<void> {
  if (alertData === null) return
  const told = groups
    .filter(({ members }) => members.length > 1 && members.some((member) => member.alertId === alertId))
    .flatMap(({ destinations }) => destinations)
  if (told.length === 0) return
  const known = alertData.told ?? []
  const isNew = ({ channel, destination }: Destination) =>
    !known.some((one) => one.channel === channel && one.destination === destination)
  const data: AlertData = { ...alertData, told: [...known, ...told.filter(isNew)] }
  await tx
    .updateTable('alert')
    .set({ data: JSON.stringify(data) })
    .where('id', '=', alertId)
    .execute()
}
