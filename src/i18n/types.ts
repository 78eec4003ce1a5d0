/** What is written in each language. The languages that messages can be in. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt-BR', 'hi-Latn', 'zh-CN'] as const
export type Language = (typeof LANGUAGES)[number]

export const TEMPLATE_KINDS = ['success', 'warning', 'overdue', 'recovery', 'digest'] as const
export type TemplateKind = (typeof TEMPLATE_KINDS)[number]

/** What a person may edit. */
export interface Template {
  title: string
  message: string
  /** ntfy's: `max`, `urgent`, `high`, `default`, `low`, `min`, or 1 to 5. */
  priority: string
  /** Separated by commas; ntfy shows some of them as emoji. */
  tags: string
}

/** A text without settings of its own: it goes out with the overdue or the recovery template's priority and tags. */
export interface FixedText {
  title: string
  message: string
}

export interface Texts {
  /** In its own language. */
  name: string
  templates: Readonly<Record<TemplateKind, Template>>
  statuses: Readonly<Record<'Success' | 'Warning' | 'Error' | 'Fatal' | 'Unknown', string>>
  /** What is the matter, as a few words that follow a name. */
  problems: Readonly<Record<'overdue' | 'tooOld' | 'failedEarly' | 'failed' | 'unreachable', string>>
  periods: Readonly<Record<'day' | 'week' | 'month', string>>
  /** Stands for a time that never was. */
  never: string
  /** Stands for a number or size that is not known. */
  unknown: string
  /** `{count}` is how many lines are not shown. */
  omitted: string
  /**
   * In place of the overdue template's own message, where nobody edited that: runs may have come, and the last good one is too old.
   * `{expected_date}` is when it became so.
   */
  tooOld: string
  /** A server that cannot be reached: `{server}`, `{since}`, `{reason}`, `{jobs}`. */
  unreachable: FixedText
  /** Its end: `{server}`, `{duration}`. */
  reachable: FixedText
  /** Many alerts as one: `{count}`, `{list}`. */
  storm: FixedText
  /** The end of many alerts as one: `{count}`, `{list}` of what was the matter. */
  calm: FixedText
  /** `{count}` more than the list has. */
  more: string
  test: FixedText
}
