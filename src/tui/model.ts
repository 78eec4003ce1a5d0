/** The words of this room: what the interface knows, what can happen, and what it asks for. Types only. */
import type { Metric, Range } from '../fleet/metrics.ts'
import type { CollectResultView, JobView, ServerView, StatusView } from '../fleet/model.ts'
import type { ChannelName, SettingField } from '../fleet/rules.ts'
import type { SettingChanges } from '../store/types.ts'
import type { Key } from './keys.ts'

export interface Size {
  columns: number
  rows: number
}

/** What is stored, judged at a moment. Objects stay the same until something changes: views remember what they made of them. */
export interface Snapshot {
  jobs: JobView[]
  servers: ServerView[]
  jobById: ReadonlyMap<string, JobView>
  serverById: ReadonlyMap<string, ServerView>
  summary: StatusView['summary']
  monitor: StatusView['monitor']
  /** When anything new came from a server last; null when nothing ever did. Epoch milliseconds. */
  newestAt: number | null
}

export type ViewName =
  | 'jobs'
  | 'server'
  | 'job'
  | 'jobSettings'
  | 'run'
  | 'overdue'
  | 'versions'
  | 'alerts'
  | 'outbox'
  | 'servers'
  | 'test'
  | 'settings'
  | 'log'
  | 'qr'
  | 'collect'

/** One place that one can be in. `id` is what it shows; lists remember what is selected by its id, and where that was. */
export interface View {
  name: ViewName
  id: string | null
  selected: string | null
  /** Of the selected row: where the next one is taken from when it goes. */
  index: number
  /** First line on the screen. */
  top: number
  /** What was typed after `/` in this view; a leading `!` turns it round. */
  filter: string
}

export const GROUPS = ['none', 'server', 'status'] as const
export const SORTS = ['server', 'status', 'last', 'next', 'age', 'size', 'storage', 'uploaded', 'duration'] as const
export const PANELS = ['none', 'status', 'metrics'] as const

/** How the list of jobs is shown. */
export interface ListOptions {
  sort: (typeof SORTS)[number]
  reverse: boolean
  group: (typeof GROUPS)[number]
  problemsOnly: boolean
  layout: 'table' | 'cards'
  /** Null: whatever suits the width. */
  panel: (typeof PANELS)[number] | null
  metric: Metric
  range: Range
}

/** A line that is being typed. */
export interface Input {
  kind: 'filter' | 'search' | 'snooze' | 'setting' | 'jobSetting'
  text: string
  /** What is being set. */
  about?: string
  /** A secret is not shown while it is typed. */
  hidden?: boolean
}

export type Overlay = { kind: 'help'; top: number } | { kind: 'confirm'; question: string; effect: Effect }

export interface Notice {
  kind: 'info' | 'error'
  text: string
}

/** One server of a collection. */
export interface CollectLine {
  label: string
  state: 'waiting' | 'active' | 'done' | 'failed'
  jobs: number | null
  done: number
  rows: number
  error: string | null
}

export interface Collecting {
  lines: CollectLine[]
  running: boolean
  cancelled: boolean
  results: CollectResultView[]
}

/** Something that a view needs beside the snapshot; what was read before stays until it is read anew. */
export interface Loaded {
  value: unknown
  error: string | null
}

export interface State {
  size: Size
  /** Epoch milliseconds. */
  now: number
  snapshot: Snapshot | null
  /** The newest first; never empty. */
  views: readonly [View, ...View[]]
  list: ListOptions
  /** What is looked for in a log. */
  search: string
  /** Which lines of a log are shown. */
  level: 'all' | 'warnings' | 'errors'
  input: Input | null
  overlay: Overlay | null
  notice: Notice | null
  /** Why the database can not be read now; what was read before stays on the screen. */
  trouble: string | null
  auto: boolean
  collecting: Collecting | null
  loaded: ReadonlyMap<string, Loaded>
}

export type Event =
  | { type: 'key'; key: Key }
  | { type: 'paste'; text: string }
  | { type: 'resize'; size: Size }
  | { type: 'tick'; now: number }
  | { type: 'snapshot'; snapshot: Snapshot; now: number }
  /** What was read before, at a later moment: nothing is known of the database by it. */
  | { type: 'judged'; snapshot: Snapshot; now: number }
  | { type: 'loaded'; key: string; loaded: Loaded }
  /** Drops what was read for views that are gone. */
  | { type: 'forget'; keep: readonly string[] }
  | { type: 'notice'; notice: Notice | null }
  | { type: 'trouble'; text: string }
  | { type: 'collecting'; collecting: Collecting }

/** What is to be done beside the state; whoever runs the interface does it. */
export type Effect =
  | { type: 'quit' }
  | { type: 'refresh' }
  | { type: 'auto'; on: boolean }
  | { type: 'collect'; serverIds: string[] | null }
  | { type: 'cancelCollect' }
  | { type: 'open'; serverId: string; legacy: boolean }
  | { type: 'snooze'; jobIds: string[]; duration: string | null }
  /** A key of the settings file; an empty text takes it out. */
  | { type: 'set'; key: string; text: string }
  | { type: 'setJob'; jobId: string; changes: SettingChanges }
  /** A field of a job's settings, as it was typed. */
  | { type: 'typeJob'; jobId: string; field: SettingField; text: string }
  | { type: 'testChannel'; channel: ChannelName }
  | { type: 'retry'; messageId: string }
  | { type: 'makeTopic' }
  /** Reads a key anew. */
  | { type: 'again'; key: string }

export interface Step {
  state: State
  effects: Effect[]
}
