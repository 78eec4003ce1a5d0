// One overdue check after the other on a database that is given, as the daemon makes them: prints their milliseconds and this
// process's peak in MB.
import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runOverdueCheck } from '../../src/ingest/overdue-check.ts'
import { openStore } from '../../src/store/index.ts'

const CHECKS = 7
const [file = '', now = ''] = process.argv.slice(2)

// As `serve` sets it.
setFlagsFromString('--semi-space-growth-factor=1')
const store = await openStore({ file, mode: 'write' })
const milliseconds: number[] = []
for (let check = 0; check < CHECKS; check++) {
  const at = new Date(Date.parse(now) + check * 300_000)
  const began = performance.now()
  await runOverdueCheck({
    ...{ store, now: () => at, listeningSince: Date.parse(now) },
    config: {
      ...{ toleranceSeconds: 3600, zone: 'Europe/Berlin', reminder: 'default', stormLimit: 10 },
      globals: { ntfy: { configured: true, topic: 'bench' }, email: { configured: false, to: [] } },
    },
  })
  milliseconds.push(performance.now() - began)
}
await store.close()
process.stdout.write(JSON.stringify({ milliseconds, megabytes: peak() }))

/** The kernel's own mark of this program: `maxRSS` begins with what the parent had when it forked. */
function peak(): number {
  const mark = process.platform === 'linux' ? /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) : null
  return Number(mark?.[1] ?? process.resourceUsage().maxRSS) / 1024
}
