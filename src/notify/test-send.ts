import { UserError } from '../errors.ts'
import type { EventData } from '../fleet/events.ts'
import type { ErrorView } from '../fleet/model.ts'
import { CHANNELS, type ChannelName, type Destination } from '../fleet/rules.ts'
import type { TemplateKind } from '../i18n/types.ts'
import { endPause } from '../store/pauses.ts'
import type { Db } from '../store/schema.ts'
import { channels as allChannels } from './channels/index.ts'
import type { NotifyConfig } from './config.ts'
import { messageBuilder } from './message.ts'
import { sampleEvent } from './samples.ts'
import type { Channels, Message, SendResult } from './types.ts'

/** One entry of `notify test`'s `results`. */
export interface TestResult {
  channel: ChannelName
  destination: string
  ok: boolean
  error: ErrorView | null
}

interface TestOptions {
  db: Db
  config: NotifyConfig
  destinations: readonly Destination[]
  /** Null: the test text. */
  template: TemplateKind | null
  /** Milliseconds. */
  now: number
  env: NodeJS.ProcessEnv
  channels?: Channels
}

/** Sends a test to each destination, at once and once. A channel that works is not paused any more. */
export async function sendTests(options: TestOptions): Promise<TestResult[]> {
  const { db, config, template, now } = options
  const data: EventData = template === null ? { kind: 'test' } : sampleEvent(template, now)
  const build = await messageBuilder(db, config)
  const message = build({ key: `test:${template ?? ''}`, at: now, data })
  const results = await Promise.all(CHANNELS.map((channel) => testChannel(channel, message, options)))
  return results.flat()
}

async function testChannel(name: ChannelName, message: Message, options: TestOptions): Promise<TestResult[]> {
  const { db, config, env, channels = allChannels } = options
  const wanted = options.destinations.filter(({ channel }) => channel === name)
  if (wanted.length === 0) return []
  try {
    const sender = await channels[name].open(config, env)
    if (sender === null) throw new UserError(`${name} is not set up`, { code: 'not_set_up' })
    const results: TestResult[] = []
    try {
      for (const one of wanted) results.push(resultOf(one, await sender.send(message, one.destination)))
    } finally {
      await sender.close()
    }
    if (results.some(({ ok }) => ok)) await endPause(db, name, null)
    for (const { ok, destination } of results) if (ok) await endPause(db, name, destination)
    return results
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const { code, message: why, hint } = error
    return wanted.map((one) => ({ ...one, ok: false, error: { code, message: why, hint } }))
  }
}

function resultOf({ channel, destination }: Destination, result: SendResult): TestResult {
  if (result.ok) return { channel, destination, ok: true, error: null }
  const { code, message, hint } = result
  return { channel, destination, ok: false, error: { code, message, hint } }
}
