/** Small servers that answer what a test says, for what no Duplicati does. */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface Received {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

export interface TestServer {
  port: number
  url: string
  received: Received[]
}

export type Answering = (request: Received, response: ServerResponse, raw: IncomingMessage) => void

/** Certificate and key of test/fixtures/tls. */
export function pem(name: string): { cert: string; key: string } {
  return { cert: readFixture(`${name}.crt`), key: readFixture(`${name}.key`) }
}

export const authority = readFixture('authority.crt')

function readFixture(name: string): string {
  return readFileSync(join(import.meta.dirname, '../fixtures/tls', name), 'utf8')
}

/** Listens on a free port of the loopback interface until the test is over. */
export async function serve(answer: Answering, certificate?: string): Promise<TestServer> {
  const received: Received[] = []
  const listener: RequestListener = async (raw, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of raw) chunks.push(chunk)
    const request = {
      method: raw.method ?? '',
      path: raw.url ?? '',
      headers: raw.headers,
      body: Buffer.concat(chunks).toString(),
    }
    received.push(request)
    answer(request, response, raw)
  }
  const server = certificate ? createTlsServer(pem(certificate), listener) : createServer(listener)
  const port = await listen(server)
  return { port, url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`, received }
}

/** A server below HTTP. */
export async function serveTcp(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createTcpServer((socket) => onConnection(socket.on('error', () => {})))
  return listen(server)
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('close', () => sockets.delete(socket))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export function html(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body)
}

/** What a promise fails with; fails itself when it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { code: string; hint: string | null }> {
  try {
    await promise
  } catch (error) {
    return error as Error & { code: string; hint: string | null }
  }
  throw new Error('it did not fail')
}
