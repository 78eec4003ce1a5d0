import { networkInterfaces } from 'node:os'
import type { WritableStore } from '../store/index.ts'
import { createToken, listTokens } from '../store/tokens.ts'

/** Stands in the list of tokens for the one that the first start made. */
const NAME = 'first start'

/** A token to post with, made where there is no valid one; null where there is. */
export async function firstToken(store: WritableStore, now: Date): Promise<string | null> {
  const tokens = await listTokens(store)
  const isValid = ({ role, revokedAt, expiresAt }: (typeof tokens)[number]) =>
    role !== 'read' && revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > now.getTime())
  if (tokens.some(isValid)) return null
  return (await createToken(store, { name: NAME, role: 'report', expiresAt: null, now: now.getTime() })).secret
}

/**
 * What to paste into Duplicati (Settings, Default options, Edit as text), so that all jobs of a server report.
 * @param secret null where posts need no token
 */
export function optionLines({ host, port }: { host: string; port: number }, secret: string | null): string[] {
  const query = secret === null ? '' : `?token=${secret}`
  const base = `http://${bracketed(isEverywhere(host) ? ownAddress() : host)}:${port}`
  return [
    `--send-http-json-urls=${base}/api/upload${query}`,
    '--send-http-log-level=Information',
    '--send-http-max-log-lines=0',
  ]
}

export function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === ''
}

export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

/** The first address that other machines can reach; that of loopback where there is none. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1'
}
