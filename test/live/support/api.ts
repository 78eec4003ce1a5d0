import { until } from './until.ts'

/** An operation that the server was told to do, as `GET /task/ID` tells of it. */
export interface Task {
  ID: number
  Status: string
  ErrorMessage?: string | null
}

/** A row of a job's log. */
export interface RawRow {
  ID: number
  Timestamp: number
  Type: string
  Message: string
}

export interface RawSchedule {
  Time: string
  Repeat: string
  LastRun: string
  AllowedDays: string[] | null
}

export interface RawBackup {
  Backup: {
    ID: string
    Name: string
    Tags: string[] | null
    DBPath: string
    TargetURL: string
    Metadata: Record<string, string>
  }
  Schedule: RawSchedule | null
}

export interface RawState {
  ProgramState: string
  EstimatedPauseEnd: string
  ActiveTask: { Item1: number; Item2: string } | null
  ProposedSchedule: { Item1: string; Item2: string }[]
}

export interface RawNotification {
  Type: string
  Title: string
  Message: string
  BackupID: string | null
  Timestamp: string
}

/**
 * The server's API as the tests use it: plain `fetch`, nothing of the product's client, so that what the server answers is
 * known independently of what is tested.
 */
export class Api {
  private readonly base: string
  private readonly password: string
  private token: string | null = null

  constructor(url: string, password: string) {
    this.base = `${url}/api/v1`
    this.password = password
  }

  /** Logs in anew with the next call. */
  forget(): void {
    this.token = null
  }

  get<T = unknown>(path: string): Promise<T> {
    return this.call<T>('GET', path)
  }

  post<T = unknown>(path: string, body?: unknown): Promise<T> {
    return this.call<T>('POST', path, body)
  }

  /** The answer's JSON (null for an empty body); anything but 2xx throws with status and body. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    this.token ??= await this.login()
    return (await this.send(method, path, body, this.token)) as T
  }

  private async login(): Promise<string> {
    const answer = await this.send('POST', '/auth/login', { Password: this.password, RememberMe: false }, null)
    return (answer as { AccessToken: string }).AccessToken
  }

  private async send(method: string, path: string, body: unknown, token: string | null): Promise<unknown> {
    const response = await fetch(this.base + path, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 2_000)}`)
    return text ? JSON.parse(text) : null
  }

  backups(): Promise<RawBackup[]> {
    return this.get('/backups')
  }

  async backup(id: string): Promise<RawBackup> {
    const found = (await this.backups()).find(({ Backup }) => Backup.ID === id)
    if (!found) throw new Error(`No backup ${id} on the server`)
    return found
  }

  /** Every row of a job's log, newest first: 500 rows a page, each page below the last id. */
  async log(id: string): Promise<RawRow[]> {
    const rows: RawRow[] = []
    for (;;) {
      const below = rows.at(-1)?.ID
      const page = await this.get<RawRow[]>(
        `/backup/${id}/log?pagesize=500${below === undefined ? '' : `&offset=${below}`}`,
      )
      rows.push(...page)
      if (page.length < 500) return rows
    }
  }

  state(): Promise<RawState> {
    return this.get('/serverstate')
  }

  notifications(): Promise<RawNotification[]> {
    return this.get('/notifications')
  }

  /** Starts a backup and gives its task id. */
  async begin(id: string): Promise<number> {
    return (await this.post<{ ID: number }>(`/backup/${id}/run`)).ID
  }

  async run(id: string): Promise<Task> {
    return this.ended(await this.begin(id))
  }

  /** Any other operation that answers with a task: verify, compact, vacuum, repair, restore. */
  async operate(id: string, operation: string, body?: unknown): Promise<Task> {
    return this.ended((await this.post<{ ID: number }>(`/backup/${id}/${operation}`, body)).ID)
  }

  /** Waits until a task is over and the server is idle again (the scheduler's and the log's last words are written by then). */
  async ended(task: number, timeout = 60_000): Promise<Task> {
    const over = await until(
      `task ${task} ends`,
      () => this.get<Task>(`/task/${task}`),
      ({ Status }) => Status === 'Completed' || Status === 'Failed',
      { timeout },
    )
    await until(
      `task ${task} is no longer active`,
      () => this.state(),
      ({ ActiveTask }) => ActiveTask?.Item1 !== task,
    )
    return over
  }

  pause(duration: string): Promise<unknown> {
    return this.post(`/serverstate/pause?duration=${duration}`)
  }

  resume(): Promise<unknown> {
    return this.post('/serverstate/resume')
  }

  settings(changes: Record<string, string | null>): Promise<unknown> {
    return this.call('PATCH', '/serversettings', changes)
  }
}
