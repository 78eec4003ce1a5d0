/** Lines that are made when they are looked at: of the thousands that a log may have, a screen shows some tens. */

export interface Block {
  /** How many lines it makes. */
  rows: number
  draw(): string[]
}

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
