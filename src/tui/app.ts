/** Holds the state, runs what it asks for, and tells when the lines on the screen are others. Knows no terminal. */
import { UserError } from '../errors.ts'
import type { Env } from './env.ts'
import type { Key } from './keys.ts'
import type { Effect, Event, Size, State } from './model.ts'
import { initialState, reduce } from './reducer.ts'
import { sceneOf, screenLines } from './screen.ts'

export interface AppOptions {
  size: Size
  env: Env
  /** Epoch milliseconds. */
  clock: () => number
  load(key: string): Promise<unknown>
  /** Does what the state asks for; failures are told in the status line. */
  run(effect: Effect, app: App): Promise<void> | void
}

/** Read once, not again whenever something arrives: what never changes once it is stored, and what costs somebody a connection. */
const STAYS = /^(?:run:|test:|log$)/

export class App {
  state: State
  readonly #options: AppOptions
  readonly #listeners = new Set<() => void>()
  /** Of the data: what was read of an older one is read again. */
  #version = 0
  readonly #read = new Map<string, number>()
  #lines: readonly string[] = []

  constructor(options: AppOptions) {
    this.#options = options
    this.state = initialState(options.size, options.clock())
  }

  /** The lines of the screen; the same array until one of them changes. */
  readonly lines = (): readonly string[] => this.#lines

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  dispatch(...events: Event[]): void {
    for (const event of events) {
      const { state, effects } = reduce(this.state, event, this.#options.env)
      this.state = state
      for (const effect of effects) this.run(effect)
    }
    this.#loadNeeded()
    this.#draw()
  }

  press(keys: readonly Key[]): void {
    this.dispatch(...keys.map((key): Event => ({ type: 'key', key })))
  }

  /** Everything that was read beside the snapshot is out of date. */
  outdate(): void {
    this.#version++
  }

  /** Reads one thing anew; what a connection test said before goes at once. */
  again(key: string): void {
    this.#read.delete(key)
    const loaded = new Map(this.state.loaded)
    if (STAYS.test(key)) loaded.delete(key)
    this.state = { ...this.state, loaded }
    this.dispatch()
  }

  run(effect: Effect): void {
    this.#run(effect).catch((error: unknown) => this.fail(error))
  }

  async #run(effect: Effect): Promise<void> {
    await this.#options.run(effect, this)
  }

  /** Tells a failure in the status line; the interface goes on. */
  fail(error: unknown): void {
    this.dispatch({ type: 'notice', notice: { kind: 'error', text: wordsOf(error) } })
  }

  /** Tells that the database can not be read, until it can. */
  lose(error: unknown): void {
    this.dispatch({ type: 'trouble', text: wordsOf(error) })
  }

  #loadNeeded(): void {
    const { scene, module } = sceneOf(this.state, this.#options.env)
    const needed = this.state.snapshot ? (module.needs?.(scene) ?? []) : []
    for (const key of needed) {
      const version = STAYS.test(key) ? 0 : this.#version
      if (this.#read.get(key) === version) continue
      this.#read.set(key, version)
      this.#load(key)
    }
    this.#forget(needed)
  }

  #load(key: string): void {
    const told = (value: unknown, error: string | null) =>
      this.dispatch({ type: 'loaded', key, loaded: { value, error } })
    this.#options.load(key).then(
      (value) => told(value, value === null ? 'It is not there any more.' : null),
      (error: unknown) => told(null, error instanceof Error ? error.message : String(error)),
    )
  }

  /** Charts of hundreds of jobs that somebody moved over are not kept. */
  #forget(needed: readonly string[]): void {
    if (this.#read.size <= MOST_KEPT) return
    const keep = [...new Set([...needed, ...[...this.#read.keys()].slice(-MOST_KEPT / 2)])]
    for (const key of this.#read.keys()) if (!keep.includes(key)) this.#read.delete(key)
    const { state } = reduce(this.state, { type: 'forget', keep }, this.#options.env)
    this.state = state
  }

  #draw(): void {
    const lines = screenLines(this.state, this.#options.env)
    if (lines.length === this.#lines.length && lines.every((line, at) => line === this.#lines[at])) return
    this.#lines = lines
    for (const listener of this.#listeners) listener()
  }
}

function wordsOf(error: unknown): string {
  return error instanceof UserError ? [error.message, error.hint].filter(Boolean).join('. ') : String(error)
}

const MOST_KEPT = 60
