/** The words of this room: what a collection is asked for, what it tells on its way, and what it brings. Types only. */
import type { ServerAddress } from '../duplicati/api.ts'
import type { CollectResultView, NameRef } from '../fleet/model.ts'

/** One server to ask. */
export interface Target {
  /** Null: the address is not known yet. */
  server: NameRef | null
  /** What a person calls it: the server's name, else the address as typed. */
  label: string
  /** The address as far as it is known before it is asked; null for a server that has none. Results name it. */
  url: string | null
  /** Settles the address (an unknown host needs to be asked which scheme it speaks). May throw a `UserError` for this server alone. */
  resolve(signal: AbortSignal): Promise<ServerAddress>
}

/** Progress of one server; `index` is its place in the list of targets. */
export type CollectEvent =
  | { type: 'started'; index: number; label: string }
  | { type: 'named'; index: number; label: string }
  | { type: 'jobs'; index: number; jobs: number }
  | { type: 'rows'; index: number; rows: number }
  | { type: 'job'; index: number; done: number }
  | { type: 'ended'; index: number; result: CollectResultView }
