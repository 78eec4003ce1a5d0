import type { EventData, RecoveryEvent, StormEvent, UnreachableEvent } from '../fleet/events.ts'
import { textsOf } from '../i18n/index.ts'
import type { FixedText, Template, TemplateKind, Texts } from '../i18n/types.ts'
import type { Db } from '../store/schema.ts'
import { storedTemplates } from '../store/templates.ts'
import type { NotifyConfig } from './config.ts'
import { type MessageFormat, messageFormat } from './format.ts'
import { escapeHtml, preformatted } from './html.ts'
import { fill, priorityOf, tagsOf } from './templates.ts'
import type { Message } from './types.ts'
import {
  digestValues,
  failedEarlyValues,
  lateValues,
  line,
  linkOf,
  nameOf,
  recoveryValues,
  runValues,
  type Wording,
} from './values.ts'
import { LONG_VARIABLES } from './variables.ts'

/** An event as the queue keeps it. */
export interface Told {
  key: string
  /** Milliseconds; ages are told from here, so that a message says the same at every attempt. */
  at: number
  data: EventData
}

export type Build = (event: Told) => Message

const LONGEST_TITLE = 250
const LONGEST_REASON = 1000

/** Reads the edited templates and the language's texts once, for all messages of a round. */
export async function messageBuilder(db: Db, config: NotifyConfig): Promise<Build> {
  const [texts, edited] = await Promise.all([textsOf(config.language), storedTemplates(db, config.language)])
  const templates = { ...texts.templates, ...edited }
  return (event) => buildMessage(event, { templates, texts, config })
}

export interface Style {
  templates: Readonly<Record<TemplateKind, Template>>
  texts: Texts
  config: Pick<NotifyConfig, 'language' | 'locale' | 'timeZone'>
}

/** Event and template become a message. Pure. */
export function buildMessage(event: Told, { templates, texts, config }: Style): Message {
  const format = messageFormat({ ...config, now: event.at, unknown: texts.unknown, never: texts.never })
  const { template, values, fragments } = filling(event.data, { texts, format }, templates)
  const tags = tagsOf(fill(template.tags, values)).map((tag) => line(tag, 100))
  return {
    // Of the run alone it would not do: a new database counts from 1 again, and readers drop what they think they know.
    key: `${event.key}@${event.at}`,
    title: line(fill(template.title, values), LONGEST_TITLE),
    text: fill(template.message, values).trim(),
    html: fill(escapeHtml(template.message), { ...asHtml(values), ...fragments }).trim(),
    priority: priorityOf(template.priority) ?? 3,
    tags,
    click: 'server' in event.data ? linkOf(event.data.server.url) : null,
    at: event.at,
  }
}

interface Filling {
  template: Template
  values: Readonly<Record<string, string>>
  /** HTML in place of a value's own. */
  fragments?: Readonly<Record<string, string>>
}

function filling(data: EventData, wording: Wording, templates: Style['templates']): Filling {
  const { texts, format } = wording
  switch (data.kind) {
    case 'run':
      return {
        template: templates[data.status === 'Success' ? 'success' : 'warning'],
        values: runValues(data, wording),
      }
    case 'failedEarly':
      return { template: templates.warning, values: failedEarlyValues(data, wording) }
    case 'overdue':
      return { template: templates.overdue, values: lateValues(data, wording) }
    case 'tooOld': {
      const isEdited = templates.overdue.message !== texts.templates.overdue.message
      const template = isEdited ? templates.overdue : { ...templates.overdue, message: texts.tooOld }
      return { template, values: lateValues(data, wording) }
    }
    case 'recovery':
      if (data.job === null) return fixed(texts.reachable, templates.recovery, reachableValues(data, format))
      return { template: templates.recovery, values: recoveryValues(data, wording) }
    case 'unreachable':
      return fixed(texts.unreachable, templates.overdue, unreachableValues(data, format))
    case 'storm':
      if (data.recovered) return fixed(texts.calm, templates.recovery, stormValues(data, wording))
      return fixed(texts.storm, templates.overdue, stormValues(data, wording))
    case 'digest':
      return {
        template: templates.digest,
        values: digestValues(data, wording),
        ...(data.html !== null && { fragments: { digest_text: data.html } }),
      }
    case 'test':
      return fixed(texts.test, { priority: 'default', tags: 'test_tube' }, {})
  }
}

function fixed(
  text: FixedText,
  { priority, tags }: Pick<Template, 'priority' | 'tags'>,
  values: Filling['values'],
): Filling {
  return { template: { ...text, priority, tags }, values }
}

function unreachableValues({ server, since, message, jobs }: UnreachableEvent, format: MessageFormat) {
  return {
    server: nameOf(server),
    since: format.date(since),
    reason: line(message, LONGEST_REASON),
    jobs: format.count(jobs),
  }
}

function reachableValues({ server, since, endedAt }: RecoveryEvent, format: MessageFormat) {
  return { server: nameOf(server), duration: format.duration((endedAt - since) / 1000) }
}

function stormValues({ count, items }: StormEvent, { texts, format }: Wording) {
  const names = items.map(({ server, job, problem }) => {
    const name = [server, job]
      .filter((part) => part !== null)
      .map((part) => line(part, 100))
      .join(' / ')
    return `• ${name}: ${texts.problems[problem]}`
  })
  const more = count - items.length
  if (more > 0) names.push(fill(texts.more, { count: format.count(more) }))
  return { count: format.count(count), list: names.join('\n') }
}

function asHtml(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      LONG_VARIABLES.has(name) ? preformatted(value) : escapeHtml(value),
    ]),
  )
}
