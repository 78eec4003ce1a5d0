/** Lines that are made when they are looked at: of the thousands that a log may have, a screen shows some tens. */
import type { Block } from '../output/run-details.ts'
import { linesWith } from './search.ts'

export class BlockLines {
  readonly length: number
  readonly #blocks: readonly Block[]
  /** The line on which each block begins. */
  readonly #begins: readonly number[]

  constructor(blocks: readonly Block[]) {
    let line = 0
    this.#begins = blocks.map(({ rows }) => {
      line += rows
      return line - rows
    })
    this.#blocks = blocks
    this.length = line
  }

  /** As of an array. */
  slice(from: number, to = this.length): string[] {
    const lines: string[] = []
    let at = this.#blockOf(from)
    const skipped = from - (this.#begins[at] ?? 0)
    for (; at < this.#blocks.length && lines.length < to - from + skipped; at++) {
      for (const line of this.#blocks[at]?.draw() ?? []) lines.push(line)
    }
    return lines.slice(skipped, Math.max(skipped, to - from + skipped))
  }

  /** Places of the lines that have a text, in any case; the first line of a block where the end of a line divides it. */
  placesOf(search: string): number[] {
    const wanted = search.toLowerCase()
    return this.#blocks.flatMap((block, at) => {
      if (!block.text().toLowerCase().includes(wanted)) return []
      const begin = this.#begins[at] ?? 0
      const places = linesWith(block.draw(), search).map((line) => begin + line)
      return places.length > 0 ? places : [begin]
    })
  }

  /** The block that has a line, by halves. */
  #blockOf(line: number): number {
    let [low, high] = [0, this.#blocks.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#begins[middle] ?? 0) <= line) low = middle
      else high = middle - 1
    }
    return Math.max(0, low)
  }
}
