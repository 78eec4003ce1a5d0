/**
 * Serves a bench fleet from a process of its own until stdin ends:
 * `node serve-fleet.ts --servers 50 --jobs 4 --rows 150 --delay 20 --password pw`. Prints one JSON line with the servers;
 * the line `requests` on stdin is answered with a JSON line that counts them.
 */
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { benchFleet } from './bench-fleet.ts'

const text = { type: 'string' } as const
const options = { servers: text, jobs: text, rows: text, delay: text, password: text }
const { values } = parseArgs({ options })

const fleet = await benchFleet({
  servers: Number(values.servers ?? 1),
  jobs: Number(values.jobs ?? 1),
  rows: Number(values.rows ?? 10),
  delayMs: Number(values.delay ?? 0),
  ...(values.password === undefined ? {} : { password: values.password }),
})
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)
say({ servers: fleet.servers })
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === 'requests') say({ requests: fleet.requests() })
}
await fleet.close()
