import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Published {
  path: string
  headers: IncomingHttpHeaders
  body: { topic: string; title: string; message: string; priority: number; tags: string[]; click?: string }
}

/** What a request gets in place of being accepted; null accepts it. */
export type NtfyFault = (request: Published, response: ServerResponse) => boolean

/** A server that takes messages as ntfy does, with all that can go wrong. Closed after the test. */
export interface NtfyServer {
  url: string
  /** What was accepted, in the order in which it came. */
  received: Published[]
  /** How many requests came, accepted or not. */
  requests: number
  /** Answers a request by itself and returns true, or lets it be accepted. */
  fault: NtfyFault
  /** Only this token may publish. */
  token: string | null
  close(): Promise<void>
}

export async function ntfyServer(options: { port?: number } = {}): Promise<NtfyServer> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    fake.requests++
    const published = {
      path: request.url ?? '',
      headers: request.headers,
      body: JSON.parse(String(Buffer.concat(chunks))),
    }
    if (fake.fault(published, response)) return
    if (fake.token !== null && request.headers.authorization !== `Bearer ${fake.token}`) {
      answer(response, 401, { code: 40101, http: 401, error: 'unauthorized' })
      return
    }
    fake.received.push(published)
    answer(response, 200, { id: 'x', event: 'message', ...published.body })
  })
  const fake: NtfyServer = {
    url: '',
    received: [],
    requests: 0,
    fault: () => false,
    token: null,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  onTestFinished(() => fake.close())
  return fake
}

export function answer(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): true {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  return true
}

/** An address at which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
