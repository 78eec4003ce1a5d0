import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { checkNow } from '../../src/daemon/check-now.ts'
import type { TaskSettings } from '../../src/daemon/settings.ts'
import { globalsOf, notifyConfigOf } from '../../src/notify/config.ts'
import { temporaryFolder, testStore } from '../support/store.ts'

/** Settings of somebody without a channel. */
function settings(heartbeatUrl: string): TaskSettings {
  const notify = notifyConfigOf({}, {}, { locale: 'en-GB', timeZone: 'UTC' })
  return {
    check: { toleranceSeconds: 3600, zone: 'UTC', reminder: 'default', stormLimit: 10, globals: globalsOf(notify) },
    ...{ notify, heartbeatUrl, checkAt: '*/5 * * * *', collectAt: 'off', zone: 'UTC', concurrency: 1, env: {} },
    configDir: temporaryFolder(),
  }
}

describe('a check that cron runs', () => {
  it('gives a sign of life when it is over, and says when nobody took it', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(asked.length === 1 ? 200 : 500).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const store = await testStore()
    const at = new Date('2026-11-24T02:00:00Z')
    try {
      expect(await checkNow(store, settings(`${origin}/ping/Grep-Me`), at)).toEqual([])
      expect(await checkNow(store, settings(`${origin}/ping/Grep-Me`), at)).toEqual([
        `The heartbeat was not sent: ${origin} answered 500`,
      ])
      expect(asked).toEqual(['/ping/Grep-Me', '/ping/Grep-Me'])
    } finally {
      server.close()
    }
  })
})
