/** Open problems: what people were told of, since when, and how often. */
import type { OpenAlert } from '../../fleet/alerts/types.ts'
import { clean, firstLine } from '../../output/escape.ts'
import type { Column } from '../../output/table.ts'
import { formatAt } from '../env.ts'
import { listView } from './list.ts'
import { jobOf, loaded, type Scene, serverOf } from './view.ts'

const WORDS: Record<OpenAlert['kind'], string> = {
  overdue: 'overdue',
  tooOld: 'last success too old',
  failedEarly: 'failed before it began',
  failed: 'failed',
  unreachable: 'unreachable',
}

export const alertsView = listView<OpenAlert>({
  key: () => 'alerts',
  rows: (scene) => loaded<OpenAlert[]>(scene, 'alerts')?.value ?? null,
  id: alertRow,
  columns: alertColumns,
  detail: ({ data }) => firstLine(data.message ?? ''),
  empty: () => 'No alert is open. They are opened by "duplistatus serve" and "duplistatus check --notify".',
})

/** Names what the alert is about, so that actions know the job and the server. */
export function alertRow({ id, serverId, jobId }: OpenAlert): string {
  return [`a${id}`, serverId, jobId].filter((part) => part !== null).join(' ')
}

function alertColumns(scene: Scene): Column<OpenAlert>[] {
  const { env, state } = scene
  const format = formatAt(env, state)
  const { symbols, palette } = env.look
  return [
    {
      key: 'kind',
      title: 'Problem',
      drop: null,
      cell: ({ kind }) => ({ text: `${symbols.bad} ${WORDS[kind]}`, paint: palette.red }),
    },
    {
      key: 'server',
      title: 'Server',
      drop: null,
      min: 6,
      soft: 20,
      cell: ({ serverId }) => clean(serverOf(scene, serverId)?.name ?? serverId),
    },
    {
      key: 'job',
      title: 'Job',
      drop: null,
      min: 6,
      soft: 24,
      cell: ({ jobId }) => clean(jobOf(scene, jobId)?.name ?? ''),
    },
    { key: 'since', title: 'Since', drop: 1, cell: ({ since }) => format.relative(since) },
    { key: 'opened', title: 'Opened', drop: 3, cell: ({ openedAt }) => format.relative(openedAt) },
    {
      key: 'reminded',
      title: 'Reminded',
      drop: 2,
      cell: ({ reminders, remindedAt }) =>
        reminders === 0 || !remindedAt
          ? symbols.unknown
          : `${format.count(reminders)}x, ${format.relative(remindedAt)}`,
    },
    { key: 'snoozed', title: 'Snoozed', drop: 4, cell: ({ jobId }) => snoozed(scene, jobId) },
    { key: 'why', title: 'Why', drop: 5, min: 10, soft: 30, cell: ({ data }) => firstLine(data.message ?? '') },
  ]
}

function snoozed(scene: Scene, jobId: string | null): string {
  const until = jobOf(scene, jobId)?.snoozedUntil
  if (!until || Date.parse(until) <= scene.state.now) return ''
  return `until ${formatAt(scene.env, scene.state).moment(until)}`
}
