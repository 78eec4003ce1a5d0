/** Messages: what waits, what was sent, what was given up. */
import { firstLine } from '../../output/escape.ts'
import { outboxColumns } from '../../output/outbox-table.ts'
import type { MessageView } from '../../store/outbox-reading.ts'
import { formatAt } from '../env.ts'
import { listView } from './list.ts'
import { loaded, type Scene } from './view.ts'

export const outboxView = listView<MessageView>({
  key: () => 'outbox',
  rows: messagesOf,
  id: ({ id }) => id,
  columns: ({ env, state, layout }) =>
    outboxColumns({ look: env.look, format: formatAt(env, state), width: layout.columns }),
  detail: ({ error }) => firstLine(error ?? ''),
  empty: () => 'No message was ever written.',
  about(scene) {
    const all = messagesOf(scene) ?? []
    const count = (state: MessageView['state']) => all.filter((message) => message.state === state).length
    return `${count('waiting')} waiting, ${count('failed')} failed, ${count('sent')} sent`
  },
})

export function messagesOf(scene: Pick<Scene, 'state'>): MessageView[] | null {
  return loaded<MessageView[]>(scene, 'outbox')?.value ?? null
}
