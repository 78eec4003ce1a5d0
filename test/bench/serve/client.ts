// node test/bench/serve/client.ts '{"url", "from", "count", "connections", "servers", "jobsPerServer", "lines"}': posts reports over
// as many connections and prints one line of JSON. It writes and reads sockets itself, so that its own work is as small as can be.
// Where a connection breaks it ends with what was answered so far: `acknowledged` holds the numbers that were answered 200.
import { connect, type Socket } from 'node:net'
import { reportText } from './bodies.ts'

interface Options {
  url: string
  from: number
  count: number
  connections: number
  servers: number
  jobsPerServer: number
  lines: number
  /** Tell which reports were acknowledged, and a line `begun` on stderr when the first one was. */
  listed?: boolean
}

const options: Options = JSON.parse(process.argv[2] ?? '{}')
const { hostname, port, pathname, search } = new URL(options.url)
/** Made before they are posted, so that making them is no part of the time. */
const PIECE = options.listed ? 200 : 2_000
const acknowledged: number[] = []
const latencies: number[] = []
const statuses = new Map<number, number>()
let broken = 0
let elapsed = 0

for (let done = 0; done < options.count && broken === 0; done += PIECE) {
  const size = Math.min(PIECE, options.count - done)
  const requests = Array.from({ length: size }, (_, i) => request(options.from + done + i))
  const started = performance.now()
  await postAll(requests, options.from + done)
  elapsed += performance.now() - started
}

latencies.sort((a, b) => a - b)
const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? null
process.stdout.write(
  `${JSON.stringify({
    rate: (latencies.length / elapsed) * 1000,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    statuses: Object.fromEntries(statuses),
    broken,
    ...(options.listed && { acknowledged }),
  })}\n`,
)
process.exit(0)

function request(number: number): Buffer {
  const body = Buffer.from(reportText(number, options))
  const head = `POST ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

async function postAll(requests: Buffer[], from: number): Promise<void> {
  let next = 0
  const take = () => (next < requests.length ? next++ : null)
  await Promise.all(Array.from({ length: options.connections }, () => connection(requests, from, take)))
}

/** One connection that posts one after the other until none is left. */
function connection(requests: Buffer[], from: number, take: () => number | null): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(Number(port), hostname)
    let current: number | null = null
    let sentAt = 0
    let received = ''
    const next = () => {
      current = take()
      if (current === null) {
        socket.destroy()
        return resolve()
      }
      received = ''
      sentAt = performance.now()
      socket.write(requests[current] as Buffer)
    }
    socket.setNoDelay(true).on('connect', next)
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
      const end = received.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0)
      if (received.length < end + 4 + length) return
      latencies.push(performance.now() - sentAt)
      const status = Number(received.slice(9, 12))
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (status === 200 && current !== null) {
        if (options.listed && acknowledged.length === 0) process.stderr.write('begun\n')
        acknowledged.push(from + current)
      }
      next()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      if (current !== null) broken++
      resolve()
    })
  })
}
