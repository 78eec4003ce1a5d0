import { describe, expect, it } from 'vitest'
import { type EventData, excerptOf } from '../../src/fleet/events.ts'
import { textsOf } from '../../src/i18n/index.ts'
import { LANGUAGES, type Language, TEMPLATE_KINDS, type TemplateKind } from '../../src/i18n/types.ts'
import { languageOf } from '../../src/notify/config.ts'
import { messageFormat } from '../../src/notify/format.ts'
import { buildMessage, messageBuilder } from '../../src/notify/message.ts'
import { sampleEvent } from '../../src/notify/samples.ts'
import type { Message } from '../../src/notify/types.ts'
import { VARIABLES } from '../../src/notify/variables.ts'
import { saveTemplate } from '../../src/store/templates.ts'
import { configOf, runEvent, SERVER, T0 } from '../support/notify.ts'
import { testStore } from '../support/store.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

interface Given {
  language?: Language
  locale?: string
  timeZone?: string
  message?: string
  title?: string
}

/** Builds by the built-in templates, or by a text of its own for all kinds. */
async function build(data: EventData, given: Given = {}): Promise<Message> {
  const { language = 'en', locale = 'en-GB', timeZone = 'UTC', message, title } = given
  const texts = await textsOf(language)
  const templates = Object.fromEntries(
    TEMPLATE_KINDS.map((kind) => [
      kind,
      { ...texts.templates[kind], ...(message !== undefined && { message }), ...(title !== undefined && { title }) },
    ]),
  ) as unknown as typeof texts.templates
  return buildMessage({ key: 'run:1', at: T0, data }, { templates, texts, config: { language, locale, timeZone } })
}

const late: EventData = {
  kind: 'overdue',
  server: SERVER,
  job: { name: 'Documents' },
  lastRunAt: T0 - 3 * DAY,
  lastSuccessAt: null,
  expectedAt: T0 - 2 * HOUR,
  interval: '1D',
  toleranceSeconds: 3600,
  failuresInARow: 2,
  reminder: 0,
}

describe('a message', () => {
  it('tells of a run by its template', async () => {
    const message = await build(runEvent())
    expect(message).toMatchObject({ priority: 4, tags: ['warning'], click: 'https://nas.example:8200', at: T0 })
    expect(message.title).toBe('Documents on Cellar (nas): Warning')
    expect(message.text).toContain('Errors: 0, warnings: 2.')
    expect(message.text).toContain('Failed to process path: /data/a\nFailed to process path: /data/b')
  })

  it.each([
    ['Success', 'success'],
    ['Warning', 'warning'],
    ['Error', 'warning'],
    ['Fatal', 'warning'],
    ['Unknown', 'warning'],
  ] as const)('of a run that is %s uses the %s template', async (status, kind) => {
    const { templates } = await textsOf('en')
    expect((await build(runEvent({ status }))).tags).toEqual([templates[kind].tags])
  })

  it('has a value for every variable', async () => {
    const events: Record<TemplateKind, EventData> = {
      success: runEvent({ status: 'Success' }),
      warning: runEvent(),
      overdue: late,
      recovery: sampleEvent('recovery', T0),
      digest: sampleEvent('digest', T0),
    }
    for (const kind of TEMPLATE_KINDS) {
      for (const name of VARIABLES[kind]) {
        const { text } = await build(events[kind], { message: `[{${name}}]` })
        expect(text, `{${name}} of ${kind}`).not.toContain('{')
      }
    }
  })

  it('has the values of each variable', async () => {
    const values = async (data: EventData, names: string) => (await build(data, { message: names })).text
    expect(await values(runEvent(), '{server_name}|{server_alias}|{server_note}|{server_url}|{backup_name}')).toBe(
      'nas|Cellar (nas)|behind the door|https://nas.example:8200|Documents',
    )
    expect(await values(runEvent(), '{status}|{backup_date}|{duration}|{failures_in_a_row}')).toBe(
      'Warning|24 Nov 2026, 02:50|10 mins 5 secs|0',
    )
    expect(
      await values(runEvent(), '{uploaded_size}|{storage_size}|{file_size}|{file_count}|{available_versions}'),
    ).toBe('7.2 MiB|240 GiB|300 GiB|12,345|12')
    expect(await values(runEvent(), '{messages_count}|{warnings_count}|{errors_count}')).toBe('8|2|0')
    expect(await values(late, '{last_backup_date}|{last_elapsed}|{last_success_date}|{last_success_elapsed}')).toBe(
      '21 Nov 2026, 03:00|3 days ago|never|–',
    )
    expect(await values(late, '{expected_date}|{expected_elapsed}|{backup_interval}|{overdue_tolerance}')).toBe(
      '24 Nov 2026, 01:00|2 hours ago|1D|1 hour',
    )
    expect(await values(late, '{backup_interval_value}{backup_interval_type}|{failures_in_a_row}')).toBe('1D|2')
  })

  it('says what is not known, and leaves out what is not there', async () => {
    const bare = runEvent({
      server: { name: 'nas', alias: null, note: null, url: null },
      durationSeconds: null,
      uploadedBytes: null,
      versions: null,
    })
    const { text, click } = await build(bare, {
      message: '{server_alias}|{server_note}|{server_url}|{duration}|{uploaded_size}|{available_versions}',
    })
    expect(text).toBe('nas||||unknown|unknown|unknown'.replace('||||', '|||'))
    expect(click).toBeNull()
  })

  it('leaves what is no variable as it is written', async () => {
    expect((await build(runEvent(), { message: '{expected_date} {foo}' })).text).toBe('{expected_date} {foo}')
  })

  it('reads dates and numbers in the configured zone and locale, where that is of the language', async () => {
    const message = '{backup_date}|{file_count}|{storage_size}'
    const of = async (given: Given) => (await build(runEvent({ beganAt: T0 }), { ...given, message })).text
    expect(await of({ timeZone: 'America/New_York', locale: 'en-US' })).toBe('Nov 23, 2026, 10:00 PM|12,345|240 GiB')
    expect(await of({ language: 'de', locale: 'de-AT', timeZone: 'Europe/Vienna' })).toBe(
      '24.11.2026, 04:00|12\u00a0345|240 GiB',
    )
    expect(await of({ language: 'de', locale: 'en-US' })).toBe('24.11.2026, 03:00|12.345|240 GiB')
    expect(await of({ language: 'fr', locale: 'fr-CA' })).toContain('240 Gio')
    // Hindi in Latin letters takes no numbers or months in Devanagari.
    expect(await of({ language: 'hi-Latn', locale: 'hi-IN' })).toBe('24 Nov, 2026, 3:00 AM|12,345|240 GiB')
  })
})

describe('a message from hostile names', () => {
  const hostile = runEvent({
    server: {
      name: 'evil\r\nBcc: a@b\u001b[31m\u202e',
      alias: '<img src=x onerror=alert(1)>',
      note: '{log_text}',
      url: 'javascript:alert(1)',
    },
    job: { name: '<script>alert("x")</script>\u0007' },
    log: { lines: ['</pre><b>bold</b>\u001b]0;title\u0007', 'second\r\nline'], omitted: 0 },
  })

  it('has no controls, no line breaks in its title, and no link that is none', async () => {
    const { title, text, tags, click } = await build(hostile, { title: '{server_alias} {backup_name}' })
    expect(title).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/)
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
    expect(tags.join()).not.toMatch(/[\x00-\x1f]/)
    expect(click).toBeNull()
  })

  it('has no markup but its own', async () => {
    const { html } = await build(hostile, {
      message: '{server_alias} & {server_note}\n{backup_name}\n{log_text}\n<i>{server_url}</i>',
    })
    const markup = new Set([...html.matchAll(/<\/?([a-z]+)/gi)].map(([, name]) => name?.toLowerCase()))
    expect([...markup].sort()).toEqual(['br', 'pre'])
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
    // A name that looks like a variable is none.
    expect(html).toContain('{log_text}')
  })

  it('never names a login that stands in an address', async () => {
    const server = { ...SERVER, url: 'https://admin:secret@nas.example/duplicati/?token=abc#x' }
    const { text, html, click } = await build(runEvent({ server }), { message: '{server_url}' })
    expect(click).toBe('https://nas.example/duplicati/')
    expect(`${text}${html}`).toBe('https://nas.example/duplicati/https://nas.example/duplicati/')
  })

  it('stays short', async () => {
    const { title } = await build(runEvent({ job: { name: 'x'.repeat(100_000) } }))
    expect(title.length).toBeLessThan(300)
  })
})

describe('what a message tells of a log', () => {
  const counts = { messages: 5, warnings: 0, errors: 0, exception: null }
  const line = (level: 'message' | 'warning' | 'error', text: string) => ({ level, text })

  it('is errors before warnings, without their stack traces, and messages where there are none', () => {
    const log = [line('message', 'hello'), line('warning', 'w\n   at Foo.Bar()'), line('error', 'e')]
    expect(excerptOf(log, { ...counts, warnings: 1, errors: 1 })).toEqual({ lines: ['e', 'w'], omitted: 0 })
    expect(excerptOf([line('message', 'hello')], counts)).toEqual({ lines: ['hello'], omitted: 4 })
    expect(excerptOf([], { ...counts, errors: 3 })).toEqual({ lines: [], omitted: 3 })
  })

  it('is what broke the run off, once', () => {
    const exception = 'System.IO.IOException: disk full\n   at Foo'
    const one = { ...counts, errors: 1, exception }
    expect(excerptOf([line('error', 'other')], one)).toEqual({
      lines: ['System.IO.IOException: disk full', 'other'],
      omitted: 0,
    })
    expect(excerptOf([line('error', `Fatal: ${exception}`)], one)).toEqual({
      lines: ['Fatal: System.IO.IOException: disk full'],
      omitted: 0,
    })
  })

  it('has at most 4 KB and says how many lines are left, by the true counts', async () => {
    const log = Array.from({ length: 100 }, (_, index) =>
      line('warning', `Zugriff verweigert: /straße/${index}/${'x'.repeat(80)}`),
    )
    const excerpt = excerptOf(log, { ...counts, warnings: 13_000 })
    expect(Buffer.byteLength(excerpt.lines.join('\n'))).toBeLessThan(4096)
    expect(excerpt.lines.length + excerpt.omitted).toBe(13_000)
    const { text } = await build(runEvent({ log: excerpt }), { message: '{log_text}' })
    expect(text.split('\n').at(-1)).toBe(`… and ${(13_000 - excerpt.lines.length).toLocaleString('en-GB')} more`)
    expect(Buffer.byteLength(text)).toBeLessThan(4096)
  })
})

describe('the other events', () => {
  it('tell of a failure that no run tells of like of a run that failed', async () => {
    const { title, text, priority } = await build({
      kind: 'failedEarly',
      server: SERVER,
      job: { name: 'Documents' },
      at: T0 - HOUR,
      message: 'The script “mount.sh” ended with 1',
      lastSuccessAt: T0 - 2 * DAY,
      failuresInARow: 0,
      reminder: 0,
    })
    expect(title).toBe('Documents on Cellar (nas): Error')
    expect(text).toContain('The script “mount.sh” ended with 1')
    expect(text).toContain('2 days ago')
    expect(priority).toBe(4)
  })

  it('tell of a last success that is too old without saying that nothing came', async () => {
    const tooOld: EventData = {
      ...(sampleEvent('overdue', T0) as Extract<EventData, { kind: 'overdue' | 'tooOld' }>),
      kind: 'tooOld',
      expectedAt: T0 - HOUR,
      failuresInARow: 3,
    }
    const { title, text } = await build(tooOld)
    expect(title).toContain('too long without a good backup')
    expect(text).toMatch(/^The last good backup is older than it may be, since 24 Nov 2026, 02:00 \(1 hour ago\)\.\n/)
    expect(text).toContain('Failed in a row: 3.')
    expect(text).not.toContain('nothing came')
  })

  it('tell of a server that cannot be reached, and of its end', async () => {
    const unreachable = {
      kind: 'unreachable',
      server: SERVER,
      since: T0 - HOUR,
      message: 'refused',
      jobs: 3,
      reminder: 0,
    } as const
    expect(await build(unreachable)).toMatchObject({
      title: 'Cellar (nas) can’t be reached',
      text: 'No answer since 24 Nov 2026, 02:00, so nobody knows how its 3 jobs are.\nrefused',
    })
    const recovery = sampleEvent('recovery', T0)
    expect(await build({ ...recovery, problem: 'unreachable', job: null } as EventData)).toMatchObject({
      title: 'Home NAS (nas) answers again',
      text: 'It was unreachable for 2 days.',
    })
  })

  it('tell of many alerts as one', async () => {
    const items = Array.from({ length: 10 }, (_, index) => ({
      server: 'nas',
      job: `Job ${index}`,
      problem: 'overdue' as const,
    }))
    const { title, text } = await build({ kind: 'storm', count: 40, items, recovered: false })
    expect(title).toBe('40 backups need attention')
    expect(text.split('\n')).toHaveLength(12)
    expect(text).toContain('• nas / Job 0: overdue')
    expect(text).toMatch(/… and 30 more$/)
  })

  it('tell of a digest with HTML of its own', async () => {
    const digest = { ...sampleEvent('digest', T0), html: '<table><tr><td>ok</td></tr></table>' } as EventData
    const { html, text } = await build(digest)
    expect(html).toContain('<table><tr><td>ok</td></tr></table>')
    expect(text).toContain('Home NAS / Documents')
  })
})

describe('an edited template', () => {
  it('takes the place of the built-in one, in its language', async () => {
    const store = await testStore()
    const own = { title: 'EDITED {backup_name}', message: 'x', priority: '5', tags: 'skull, fire' }
    await saveTemplate(store.db, { kind: 'warning', language: 'en' }, own, T0)
    const event = { key: 'run:1', at: T0, data: runEvent() }
    const english = await messageBuilder(store.db, configOf({}))
    expect(english(event)).toMatchObject({ title: 'EDITED Documents', text: 'x', priority: 5, tags: ['skull', 'fire'] })
    const german = await messageBuilder(store.db, configOf({}, { language: 'de' }))
    expect(german(event).title).toBe('Documents auf Cellar (nas): Warnung')
  })
})

describe('formats', () => {
  const format = (now: number) =>
    messageFormat({ language: 'en', locale: 'en-GB', timeZone: 'UTC', now, unknown: '?', never: 'never' })

  it('tell spans without rounding them', () => {
    const { span, duration } = format(T0)
    expect([60, 90, 3600, 5400, 86_400, 1_209_600].map(span)).toEqual([
      '1 minute',
      '90 seconds',
      '1 hour',
      '90 minutes',
      '1 day',
      '14 days',
    ])
    expect([0, 5, 65, 3600, 93_784].map(duration)).toEqual(['0 secs', '5 secs', '1 min 5 secs', '1 hr', '1 day 2 hrs'])
  })

  it('tell ages in one unit, also of what is to come', () => {
    const { ago } = format(T0)
    expect([T0, T0 - 59_000, T0 - 3 * DAY - HOUR, T0 + HOUR].map(ago)).toEqual([
      '0 seconds ago',
      '59 seconds ago',
      '3 days ago',
      'in 1 hour',
    ])
  })

  it('find the language of a locale', () => {
    expect(['de-AT', 'pt', 'pt-PT', 'hi', 'zh-TW', 'ja', 'en-US', 'PT-br', 'hi-Latn-IN'].map(languageOf)).toEqual([
      'de',
      'pt-BR',
      'pt-BR',
      'hi-Latn',
      'zh-CN',
      'en',
      'en',
      'pt-BR',
      'hi-Latn',
    ])
    expect(LANGUAGES.map(languageOf)).toEqual([...LANGUAGES])
  })
})
