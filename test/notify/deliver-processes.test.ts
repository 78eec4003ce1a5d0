import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { WritableStore } from '../../src/store/index.ts'
import { addMessages, states, T0, TO_TOPIC } from '../support/notify.ts'
import { type NtfyServer, ntfyServer } from '../support/ntfy-server.ts'
import { testStore } from '../support/store.ts'

const CHILD = join(import.meta.dirname, '../support/deliver-child.ts')
const HOUR = 3_600_000
const OTHER = { channel: 'ntfy', destination: 'second' } as const

interface Child {
  process: ChildProcess
  output: () => string
  ended: Promise<unknown>
}

function start(store: WritableStore, ntfy: NtfyServer, at: number): Child {
  const child = spawn(process.execPath, [CHILD, store.file, ntfy.url, String(at)], {
    env: { ...process.env, TZ: 'UTC' },
  })
  const chunks: string[] = []
  child.stdout.on('data', (chunk) => chunks.push(String(chunk)))
  child.stderr.on('data', (chunk) => chunks.push(String(chunk)))
  onTestFinished(() => void child.kill('SIGKILL'))
  return { process: child, output: () => chunks.join(''), ended: once(child, 'exit') }
}

/** How often each message arrived at each topic. */
function arrivals(ntfy: NtfyServer): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { body } of ntfy.received) {
    const name = `${body.topic}: ${body.title.split(' on ')[0]}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

describe('delivery by processes', { timeout: 60_000 }, () => {
  it('loses nothing by kill -9, and doubles at most one message per destination and kill', async () => {
    const [store, ntfy] = [await testStore(), await ntfyServer()]
    const messages = 40
    await addMessages(store, messages, [TO_TOPIC, OTHER])
    const kills = [5, 23, 41, 60]
    let at = T0 + HOUR
    for (const count of kills) {
      const child = start(store, ntfy, at)
      // Killed while a request is under way: it has arrived, and the process never learns of it.
      ntfy.fault = () => {
        if (ntfy.received.length === count) child.process.kill('SIGKILL')
        return false
      }
      await child.ended
      expect(child.process.signalCode, child.output()).toBe('SIGKILL')
      // Until the claims of the dead have ended.
      at += HOUR
    }
    ntfy.fault = () => false
    const last = start(store, ntfy, at)
    await last.ended
    expect(last.process.exitCode, last.output()).toBe(0)

    expect(await states(store)).toEqual({ sent: 2 * messages })
    const counts = arrivals(ntfy)
    expect(counts.size).toBe(2 * messages)
    for (const topic of [TO_TOPIC.destination, OTHER.destination]) {
      const doubled = [...counts].filter(([name, count]) => name.startsWith(`${topic}:`) && count > 1)
      const extra = doubled.reduce((sum, [, count]) => sum + count - 1, 0)
      expect(extra, JSON.stringify(doubled)).toBeLessThanOrEqual(kills.length)
    }
  })

  it('sends nothing twice where two processes deliver side by side, and keeps the order', async () => {
    const [store, ntfy] = [await testStore(), await ntfyServer()]
    const messages = 60
    await addMessages(store, messages, [TO_TOPIC, OTHER])
    const children = [1, 2].map(() => start(store, ntfy, T0 + HOUR))
    for (const child of children) await child.ended
    const outputs = children.map(({ output }) => output()).join('\n')
    // Whoever found the other one sending has left the rest of that destination to it.
    expect(await states(store), outputs).toEqual({ sent: 2 * messages })
    const counts = arrivals(ntfy)
    expect(counts.size, outputs).toBe(2 * messages)
    expect([...counts.values()].every((count) => count === 1)).toBe(true)
    for (const topic of ['backups', 'second']) {
      const numbers = ntfy.received
        .filter(({ body }) => body.topic === topic)
        .map(({ body }) => Number(body.title.split(' ')[1]))
      expect(numbers).toEqual(Array.from({ length: messages }, (_, index) => index + 1))
    }
  })
})
