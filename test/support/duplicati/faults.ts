/** Things that go wrong between a client and a server, switched on and off while the server runs. */

export type Fault =
  /** The answer comes this much later, in milliseconds. */
  | { kind: 'delay'; ms: number }
  /** The answer comes as soon as so many requests wait for it. */
  | { kind: 'together'; requests: number }
  /** No answer at all, ever. */
  | { kind: 'hang' }
  /** The connection is closed before an answer. */
  | { kind: 'drop' }
  /** The connection is closed in the middle of the body. */
  | { kind: 'cut' }
  /** A complete answer whose JSON is not. */
  | { kind: 'truncate' }
  /** One byte at a time, this many milliseconds apart. */
  | { kind: 'trickle'; ms: number }
  /** A body that never ends. */
  | { kind: 'endless' }
  /** The job's database is in use, in the words of the release. */
  | { kind: 'busy' }
  /** 401 as for a token that has expired. */
  | { kind: 'unauthorised' }
  /** Any other answer: HTML pages of proxies, redirects, wrong types. */
  | { kind: 'answer'; status: number; body?: unknown; headers?: Record<string, string> }

export interface FaultRule {
  fault: Fault
  /** Only for `METHOD /path` matching this; all requests by default. */
  on: RegExp
  /** How many requests it lets pass first (0), and how many it hits then (all). */
  after: number
  times: number
}

/** The faults of one server. The first that applies to a request wins. */
export class Faults {
  readonly #rules: FaultRule[] = []

  /** Switches a fault on: `faults.add({kind: 'busy'}, {on: /log/, times: 2})`. Gives what switches it off. */
  add(fault: Fault, { on = /./, after = 0, times = Number.POSITIVE_INFINITY }: Partial<FaultRule> = {}): () => void {
    const rule = { fault, on, after, times }
    this.#rules.push(rule)
    return () => {
      const index = this.#rules.indexOf(rule)
      if (index >= 0) this.#rules.splice(index, 1)
    }
  }

  clear(): void {
    this.#rules.length = 0
  }

  /** The fault of this request (`GET /api/v1/backups`), which counts as hit by it. */
  take(request: string): Fault | null {
    for (const rule of this.#rules) {
      if (!rule.on.test(request) || rule.times <= 0) continue
      if (rule.after > 0) {
        rule.after--
        continue
      }
      rule.times--
      return rule.fault
    }
    return null
  }
}

/** An authentication proxy's or gateway's page. */
export function htmlPage(status: number, title: string): Fault {
  const body = `<!DOCTYPE html>\n<html><head><title>${status} ${title}</title></head><body><h1>${title}</h1></body></html>\n`
  return { kind: 'answer', status, body, headers: { 'content-type': 'text/html' } }
}

/** A redirect to another place. */
export function redirect(location: string, status = 302): Fault {
  return { kind: 'answer', status, body: '', headers: { location } }
}
