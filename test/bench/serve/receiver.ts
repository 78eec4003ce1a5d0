// node test/bench/serve/receiver.ts DATABASE: the receiver from the sources, open to all; prints its port. For profiling.
import { createReceiver } from '../../../src/receiver/index.ts'
import { openStore } from '../../../src/store/index.ts'

const nothing = () => {}
const store = await openStore({ file: process.argv[2] ?? '', mode: 'write' })
const receiver = await createReceiver({
  store,
  open: true,
  log: { debug: nothing, info: nothing, warn: nothing, error: console.error },
  judging: async (now) => ({ now, toleranceSeconds: 3_600, zone: () => 'UTC', downtimes: [] }),
})
process.stdout.write(`${await receiver.listen({ host: '127.0.0.1', port: 0 })}\n`)
process.stdin.resume().on('end', async () => {
  await receiver.close()
  await store.close()
})
