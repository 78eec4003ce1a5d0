import { setImmediate as turn } from 'node:timers/promises'

/** Events between two turns of Node's loop: what native code frees waits for one, and all else here happens in a single turn. */
const EVENTS_A_TURN = 20

/** What will happen, in the order of time; what is planned for one moment happens in the order in which it was planned. */
export class Agenda {
  #heap: { at: number; order: number; run: () => Promise<void> | void }[] = []
  #order = 0

  plan(at: number, run: () => Promise<void> | void): void {
    this.#heap.push({ at, order: this.#order++, run })
    this.#up(this.#heap.length - 1)
  }

  /** Jumps from event to event until a moment; `now` is told of each jump. */
  async runUntil(end: number, now: (at: number) => void): Promise<number> {
    let events = 0
    for (let next = this.#heap[0]; next && next.at < end; next = this.#heap[0]) {
      this.#pop()
      now(next.at)
      await next.run()
      events++
      if (events % EVENTS_A_TURN === 0) await turn()
    }
    now(end)
    return events
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]]
    if (!one || !other) return one !== undefined
    return one.at === other.at ? one.order < other.order : one.at < other.at
  }

  #swap(a: number, b: number): void {
    const one = this.#heap[a]!
    this.#heap[a] = this.#heap[b]!
    this.#heap[b] = one
  }

  #up(at: number): void {
    for (let child = at; child > 0; ) {
      const parent = (child - 1) >> 1
      if (!this.#isBefore(child, parent)) return
      this.#swap(child, parent)
      child = parent
    }
  }

  #pop(): void {
    const last = this.#heap.pop()!
    if (this.#heap.length === 0) return
    this.#heap[0] = last
    for (let parent = 0; ; ) {
      const [left, right] = [parent * 2 + 1, parent * 2 + 2]
      let first = parent
      if (left < this.#heap.length && this.#isBefore(left, first)) first = left
      if (right < this.#heap.length && this.#isBefore(right, first)) first = right
      if (first === parent) return
      this.#swap(parent, first)
      parent = first
    }
  }
}
