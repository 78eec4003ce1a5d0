/** Lookup of things by what they are called: built once for a list, then as quick for the ten-thousandth name as for the first. */

/** A way in which things are called; null where one is not. */
type Field<T> = (item: T) => readonly (string | null)[]

/** The ways in the order in which they count. Prefixes and patterns apply to names; an id is always written out. */
export interface NameFields<T> {
  names: readonly Field<T>[]
  ids: readonly Field<T>[]
}

type Lookup<T> = Map<string, T[]>

/** Finds things by exact name, in any case, by pattern, by prefix. */
export class NameIndex<T> {
  readonly #items: readonly T[]
  readonly #fields: NameFields<T>
  #exact: Lookup<T>[] | null = null
  #folded: Lookup<T>[] | null = null
  #sorted: [name: string, item: T][] | null = null

  constructor(items: readonly T[], fields: NameFields<T>) {
    this.#items = items
    this.#fields = fields
  }

  /** What has this name: the first way that knows it, exactly as written; only then in any case. */
  named(text: string): T[] {
    this.#exact ??= this.#lookups((name) => name)
    const exact = firstHit(this.#exact, text)
    if (exact) return exact
    this.#folded ??= this.#lookups(fold)
    return firstHit(this.#folded, fold(text)) ?? []
  }

  /** What has a name that fits the pattern, exactly as written; only then in any case. */
  matching(compile: (pattern: string) => (text: string) => boolean, pattern: string): T[] {
    const exact = compile(pattern)
    const found = this.#items.filter((item) => this.#namesOf(item).some(exact))
    if (found.length > 0) return found
    const folded = compile(fold(pattern))
    return this.#items.filter((item) => this.#namesOf(item).some((name) => folded(fold(name))))
  }

  /** What has a name that begins so, in any case. */
  prefixed(text: string): T[] {
    if (text === '') return []
    this.#sorted ??= this.#items
      .flatMap((item) => this.#namesOf(item).map((name): [string, T] => [fold(name), item]))
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    const prefix = fold(text)
    const found = new Set<T>()
    for (let at = lowerBound(this.#sorted, prefix); ; at++) {
      const entry = this.#sorted[at]
      if (!entry?.[0].startsWith(prefix)) return [...found]
      found.add(entry[1])
    }
  }

  #namesOf(item: T): string[] {
    return this.#fields.names.flatMap((field) => field(item).filter((name) => name !== null))
  }

  #lookups(key: (name: string) => string): Lookup<T>[] {
    return [...this.#fields.names, ...this.#fields.ids].map((field) => {
      const lookup: Lookup<T> = new Map()
      for (const item of this.#items) {
        for (const name of field(item)) if (name !== null) add(lookup, key(name), item)
      }
      return lookup
    })
  }
}

/** One spelling for all cases and for composed and decomposed accents. */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

function add<T>(lookup: Lookup<T>, name: string, item: T): void {
  const items = lookup.get(name)
  if (!items) lookup.set(name, [item])
  else if (items.at(-1) !== item) items.push(item)
}

function firstHit<T>(lookups: readonly Lookup<T>[], name: string): T[] | null {
  for (const lookup of lookups) {
    const items = lookup.get(name)
    if (items) return items
  }
  return null
}

function lowerBound<T>(sorted: readonly [string, T][], text: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle]?.[0] ?? '') < text) low = middle + 1
    else high = middle
  }
  return low
}
