/** A receiver on a free port of loopback with a database of its own, for one test. */
import { onTestFinished } from 'vitest'
import { createReceiver, type Receiver, type ReceiverOptions } from '../../src/receiver/index.ts'
import type { Log } from '../../src/receiver/log.ts'
import type { WritableStore } from '../../src/store/index.ts'
import { createToken, type TokenRole } from '../../src/store/tokens.ts'
import { testStore } from '../support/store.ts'

export interface Said {
  level: string
  fields: object
  message: string
}

export interface Lab {
  receiver: Receiver
  store: WritableStore
  url: string
  port: number
  /** What was logged. */
  said: Said[]
  token(role: TokenRole): Promise<string>
  /** Posts to a path of the receiver; what is neither text nor bytes as JSON. */
  post(path: string, body: unknown, init?: RequestInit): Promise<Answer>
  get(path: string, init?: RequestInit): Promise<Answer>
}

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what was answered is what the test is about
  body: any
}

export async function receiverLab(options: Partial<ReceiverOptions> = {}): Promise<Lab> {
  const store = options.store ?? (await testStore())
  const said: Said[] = []
  const logger = (level: string) => (fields: object, message: string) => said.push({ level, fields, message })
  const log: Log = { debug: logger('debug'), info: logger('info'), warn: logger('warn'), error: logger('error') }
  const receiver = await createReceiver({
    log,
    judging: async (now) => ({ now, toleranceSeconds: 3_600, zone: () => 'UTC', downtimes: [] }),
    ...options,
    store,
  })
  const port = await receiver.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => receiver.close())
  const url = `http://127.0.0.1:${port}`
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, { redirect: 'manual', ...init })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: parsed(text) }
  }
  return {
    receiver,
    store,
    url,
    port,
    said,
    token: async (role) => (await createToken(store, { name: role, role, expiresAt: null, now: Date.now() })).secret,
    post: (path, body, init = {}) =>
      ask(path, {
        method: 'POST',
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
        ...init,
      }),
    get: (path, init = {}) => ask(path, init),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A report as Duplicati posts it, of a run that began at this time. */
export function reportOf(
  change: { begin?: string; machine?: string; job?: string; data?: object; lines?: string[] } = {},
) {
  const { begin = '2026-11-20T02:00:00.1234567Z', machine = 'nas', job = 'Documents' } = change
  const end = new Date(Date.parse(begin) + 60_000).toISOString()
  return {
    Data: {
      MainOperation: 'Backup',
      ParsedResult: 'Success',
      BeginTime: begin,
      EndTime: end,
      Duration: '00:01:00.7654321',
      ExaminedFiles: 10,
      SizeOfExaminedFiles: 1_000,
      Interrupted: false,
      PartialBackup: false,
      Dryrun: false,
      WarningsActualLength: 0,
      ErrorsActualLength: 0,
      MessagesActualLength: change.lines?.length ?? 0,
      Version: '2.3.0.4 (2.3.0.4_stable_2026-07-09)',
      BackendStatistics: { RemoteCalls: 5, BytesUploaded: 100, KnownFileSize: 5_000, BackupListCount: 3 },
      ...change.data,
    },
    Extra: {
      OperationName: 'Backup',
      'machine-id': `${machine}-id`,
      'machine-name': machine,
      'backup-name': job,
      'backup-id': 'DB-1',
    },
    LogLines: change.lines ?? [],
    Exception: null,
  }
}
