import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startDaemon } from '../../src/daemon/index.ts'
import { createLog } from '../../src/daemon/log.ts'
import { openStore } from '../../src/store/index.ts'
import { temporaryFolder } from '../support/store.ts'

it('does not listen where it may store nothing', async () => {
  const file = join(temporaryFolder(), 'd.db')
  await (await openStore({ file, mode: 'write' })).close()
  const log = createLog(process.stderr, 'info')
  // A connection that may only read, whatever the rights of those who run the tests.
  const starting = startDaemon({ openStore: () => openStore({ file, mode: 'read' }), log, host: '127.0.0.1', port: 0 })
  const outcome = await starting.then((daemon) => daemon.stop().then(() => 'listened')).catch((error) => error)
  expect(outcome).toMatchObject({ code: 'database_refused', message: expect.stringContaining('read-only') })
})
