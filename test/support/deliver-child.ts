/**
 * A process that delivers what is due, for tests that kill it or run several: arguments are the database, ntfy's address and the
 * time (milliseconds). Prints `ready` when it begins and its result when nothing is due any more.
 */
import { notifyConfigOf } from '../../src/notify/config.ts'
import { deliverDue } from '../../src/notify/deliver.ts'
import { openStore } from '../../src/store/index.ts'

const [file = '', url = '', at = '0'] = process.argv.slice(2)
const store = await openStore({ file, mode: 'write' })
const config = notifyConfigOf({ 'ntfy.url': url, 'ntfy.topic': 'backups' }, {}, { locale: 'en-GB', timeZone: 'UTC' })
process.stdout.write('ready\n')
const result = await deliverDue({ store, config, now: () => new Date(Number(at)) })
process.stdout.write(`${JSON.stringify(result)}\n`)
await store.close()
