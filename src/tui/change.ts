/** What the interface changes, each in a connection of its own that is closed at once. Returns what is told of it. */
import { offsetOf } from '../cli/chart-data.ts'
import type { Context } from '../cli/context.ts'
import { loadNotifyConfig, withTopic } from '../cli/notify-config.ts'
import { UserError } from '../errors.ts'
import { parseDuration } from '../fleet/durations.ts'
import type { ChannelName, SettingField } from '../fleet/rules.ts'
import { createFormat } from '../output/format.ts'
import { openStore, type WritableStore } from '../store/index.ts'
import type { SettingChanges } from '../store/types.ts'
import type { Effect } from './model.ts'

type Change = Extract<Effect, { type: 'snooze' | 'set' | 'setJob' | 'typeJob' | 'testChannel' | 'retry' | 'makeTopic' }>

export interface ChangeOptions {
  context: Context
  /** Epoch milliseconds. */
  now: number
}

/** @throws UserError in a user's words, which the status line shows */
export async function change(effect: Change, options: ChangeOptions): Promise<string> {
  switch (effect.type) {
    case 'snooze':
      return snooze(effect.jobIds, effect.duration, options)
    case 'set':
      return setKey(effect.key, effect.text, options)
    case 'setJob':
      return setJob(effect.jobId, effect.changes, options)
    case 'typeJob':
      return setJob(effect.jobId, await typed(effect.field, effect.text, options), options)
    case 'testChannel':
      return testChannel(effect.channel, options)
    case 'retry':
      return retry(effect.messageId, options)
    case 'makeTopic':
      return `The topic is ${(await withTopic(loadNotifyConfig(options.context), options.context.configFile)).topic}`
  }
}

async function writing<T>({ context, now }: ChangeOptions, work: (store: WritableStore) => Promise<T>): Promise<T> {
  const store = await openStore({ file: context.dbFile, mode: 'write', now: () => new Date(now) })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

async function snooze(jobIds: string[], text: string | null, options: ChangeOptions): Promise<string> {
  const { context, now } = options
  const until = text === null ? null : await endOf(text, options)
  await writing(options, (store) => store.settings.snooze(jobIds, until === null ? null : { until, reason: null }))
  if (until === null) return 'Snoozed no more'
  const { locale, timeZone } = context
  return `Snoozed until ${createFormat({ locale, timeZone, now }).dateTime(until)}`
}

/** `3d`, or a time to come as `snooze --until` takes it. */
async function endOf(text: string, { context, now }: ChangeOptions): Promise<number> {
  if (/^\d+[a-z]/i.test(text) && !/:/.test(text)) return now + parseDuration(text) * 1000
  const { untilTime } = await import('../cli/future.ts')
  return untilTime(text, now, await minutesOf(context))
}

async function minutesOf({ timeZone }: Context): Promise<(at: number) => number> {
  const offsetAt = await offsetOf(timeZone)
  return (at) => offsetAt(at) / 60_000
}

/** What is looked up once, when the interface starts. */
const AT_START: ReadonlySet<string> = new Set(['locale', 'timeZone'])

/** An empty text takes the setting out of the file. */
async function setKey(name: string, text: string, { context }: ChangeOptions): Promise<string> {
  const { requireKey, valueFromText } = await import('../settings/check.ts')
  const { setSetting, unsetSetting } = await import('../settings/config-write.ts')
  const { isSecret } = await import('../settings/schema.ts')
  const key = requireKey(name)
  if (text === '') {
    await unsetSetting(context.configFile, key)
    return `${key} is not set any more`
  }
  const value = await valueFromText(key, text)
  if (!isSecret(key)) {
    await setSetting(context.configFile, key, value)
    return AT_START.has(key) ? `Set ${key}: it holds here from the next start on` : `Set ${key}`
  }
  const { sealSetting } = await import('../settings/config.ts')
  await setSetting(context.configFile, key, sealSetting(String(value), key, context))
  return `Set ${key}`
}

async function setJob(jobId: string, changes: SettingChanges, options: ChangeOptions): Promise<string> {
  const changed = await writing(options, (store) => store.settings.editJobs([jobId], changes))
  return changed.length > 0 ? 'Set' : 'It was so already'
}

/** A field as a person types it; an empty text takes it back. */
async function typed(field: SettingField, text: string, { context, now }: ChangeOptions): Promise<SettingChanges> {
  if (text.trim() === '') return { set: {}, inherit: [field] }
  const { settingsFrom } = await import('../cli/job-flags.ts')
  const { SETTING_NAMES } = await import('../output/job-settings.ts')
  const offset = await minutesOf(context)
  return { set: settingsFrom({ [SETTING_NAMES[field]]: text }, { now, offset }), inherit: [] }
}

async function testChannel(channel: ChannelName, options: ChangeOptions): Promise<string> {
  const { sendTests } = await import('../notify/test-send.ts')
  const { globalsOf } = await import('../notify/config.ts')
  const { context, now } = options
  const config = loadNotifyConfig(context)
  const { ntfy, email } = globalsOf(config)
  const names = channel === 'ntfy' ? [ntfy.topic].filter((topic) => topic !== null) : email.to
  const destinations = names.map((destination) => ({ channel, destination }))
  if (destinations.length === 0)
    throw new UserError(`${channel} has no destination yet`, { code: 'not_set_up', hint: SET_UP[channel] })
  const results = await writing(options, ({ db }) =>
    sendTests({ db, config, destinations, template: null, now, env: context.env }),
  )
  const failed = results.find(({ ok }) => !ok)
  if (failed)
    throw new UserError(failed.error?.message ?? 'It failed', { code: 'test_failed', hint: failed.error?.hint ?? null })
  return `Sent to ${results.map(({ destination }) => destination).join(', ')}`
}

const SET_UP: Record<ChannelName, string> = { ntfy: 'n makes a topic.', email: 'Set smtp.host and smtp.to first.' }

async function retry(messageId: string, options: ChangeOptions): Promise<string> {
  const { messageRow } = await import('../store/outbox-reading.ts')
  const { putBack } = await import('../store/outbox.ts')
  const { endPauses } = await import('../store/pauses.ts')
  const { deliverDue } = await import('../notify/deliver.ts')
  const { context, now } = options
  const config = loadNotifyConfig(context)
  return writing(options, async (store) => {
    const count = await putBack(store.db, { ids: [messageRow(messageId) ?? 0], now })
    if (count === 0) return 'It neither waits nor has failed'
    await endPauses(store.db)
    const { sent } = await deliverDue({ store, config, now: () => new Date(), env: context.env })
    return sent > 0 ? 'Sent' : 'It could not be sent: see why in the list'
  })
}
