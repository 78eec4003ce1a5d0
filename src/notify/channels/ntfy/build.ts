import type { Message } from '../../types.ts'

/** What is posted to the server's root (ntfy's documentation, "Publish as JSON"). */
export interface NtfyBody {
  topic: string
  title: string
  message: string
  priority: number
  tags: string[]
  click?: string
}

/** ntfy makes a file of a message that is longer, or refuses it. */
const MOST_BYTES = 4096
const CUT = '\n…'

/** Pure. */
export function buildNtfy(message: Message, topic: string): NtfyBody {
  return {
    topic,
    title: message.title,
    message: cut(message.text),
    priority: message.priority,
    tags: message.tags,
    ...(message.click !== null && { click: message.click }),
  }
}

/** At most 4,096 bytes of UTF-8, cut after a whole line where there is one near. */
function cut(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= MOST_BYTES) return text
  // A character that is cut in two becomes a replacement character at the end.
  const fitting = bytes
    .subarray(0, MOST_BYTES - Buffer.byteLength(CUT))
    .toString()
    .replace(/\ufffd+$/, '')
  const end = fitting.lastIndexOf('\n')
  return `${end > fitting.length / 2 ? fitting.slice(0, end) : fitting}${CUT}`
}
