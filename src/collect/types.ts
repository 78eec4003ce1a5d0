/** The words of this room: what a collection is asked for, what it tells on its way, and what it brings. Types only. */
import type { ServerAddress } from '../duplicati/api.ts'
import type { NameRef } from '../fleet/model.ts'

/** One server to ask. */
export interface Target {
  /** Null: the address is not known yet. */
  server: NameRef | null
  /** What a person calls it: the server's name, else the address as typed. */
  label: string
  /** The address; null while it is unknown. Results name it. */
  url: string | null
  /** Settles the address (an unknown host needs to be asked which scheme it speaks). May throw a `UserError` for this server alone. */
  resolve(signal: AbortSignal): Promise<ServerAddress>
}

export interface CollectError {
  code: string
  message: string
  hint: string | null
}

/** json.md, `collect`: one entry of `results`. */
export interface CollectResult {
  server: NameRef | null
  url: string | null
  /** True only when everything was read. */
  ok: boolean
  error: CollectError | null
  jobs: number
  new: number
  known: number
  updated: number
  seconds: number
}

/** Progress of one server; `index` is its place in the list of targets. */
export type CollectEvent =
  | { type: 'started'; index: number; label: string }
  | { type: 'named'; index: number; label: string }
  | { type: 'jobs'; index: number; jobs: number }
  | { type: 'rows'; index: number; rows: number }
  | { type: 'job'; index: number; done: number }
  | { type: 'ended'; index: number; result: CollectResult }
