import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/** What is answered; a text is JSON already. */
export interface Answer {
  code: number
  headers?: Record<string, string>
  body: object | string
}

const JSON_TYPE = 'application/json; charset=utf-8'

/** Answers a request that fastify does not see. */
export function writeAnswer(response: ServerResponse, { code, headers, body }: Answer): void {
  const text = textOf(body)
  response.writeHead(code, { 'content-type': JSON_TYPE, 'content-length': Buffer.byteLength(text), ...headers })
  response.end(text)
}

export function sendAnswer(reply: FastifyReply, { code, headers = {}, body }: Answer) {
  return reply.code(code).headers(headers).type(JSON_TYPE).send(textOf(body))
}

function textOf(body: Answer['body']): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}
