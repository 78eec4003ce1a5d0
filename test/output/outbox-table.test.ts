import { describe, expect, it } from 'vitest'
import { createFormat } from '../../src/output/format.ts'
import { createLook } from '../../src/output/look.ts'
import { renderOutbox } from '../../src/output/outbox-table.ts'
import type { MessageView } from '../../src/store/outbox-reading.ts'

const now = Date.parse('2026-11-24T12:00:00.000Z')
const message: MessageView = {
  id: 'm3',
  event: 'run',
  server: { id: 's1', name: 'nas' },
  job: { id: 'j1', name: 'Documents' },
  channel: 'email',
  destination: 'me@mail.example',
  state: 'waiting',
  attempts: 2,
  createdAt: '2026-11-24T11:58:00.000Z',
  nextAttemptAt: '2026-11-24T12:01:00.000Z',
  sentAt: null,
  error: 'mail.example:587 does not offer STARTTLS, so nothing was sent',
}

describe('the outbox', () => {
  const options = {
    look: createLook({ color: false, unicode: true }),
    format: createFormat({ locale: 'en-GB', timeZone: 'UTC', now }),
  }

  it('cuts a long reason before it leaves out whom the message is for', async () => {
    const lines = await renderOutbox([message], { ...options, width: 80 })
    expect(lines[0]).toMatch(/^Id +State .*Job +To .*Why$/)
    expect(lines[2]).toMatch(/Documents +me@mail\.example .*mail\.example:587 .*…$/)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('has all of it in a pipe', async () => {
    const lines = await renderOutbox([message], { ...options, width: Number.POSITIVE_INFINITY })
    expect(lines[1]).toContain(message.error)
  })
})
