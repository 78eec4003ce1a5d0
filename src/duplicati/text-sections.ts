/** The parts of a report as text: loose lines above, the exception, `Key: value` fields, lists of log lines, `Log data:`. */

import { MORE } from './left-out.ts'

type Level = 'message' | 'warning' | 'error'

export interface TextSections {
  /** Lines that are none of the others: the first line, and what an own template adds. */
  loose: string[]
  /** Fields of the result by their English names; the first of a name counts. */
  fields: Map<string, string>
  /** The richest texts of each level, heads included. */
  lists: Record<Level, string[]>
  /** `Details:`, else `Failed:`; null where neither is there. */
  exception: string | null
}

/** What is read of a result; the rest of its fields are left alone. */
const FIELDS = new Set([
  ...['MainOperation', 'ParsedResult', 'Interrupted', 'PartialBackup', 'Dryrun', 'Version'],
  ...['BeginTime', 'EndTime', 'Duration', 'MessagesActualLength', 'WarningsActualLength', 'ErrorsActualLength'],
  ...['ExaminedFiles', 'OpenedFiles', 'AddedFiles', 'ModifiedFiles', 'DeletedFiles'],
  ...['SizeOfExaminedFiles', 'SizeOfAddedFiles', 'SizeOfModifiedFiles', 'Result', 'Status'],
])
const LISTS: Record<string, Level> = {
  LimitedMessages: 'message',
  Messages: 'message',
  LimitedWarnings: 'warning',
  Warnings: 'warning',
  LimitedErrors: 'error',
  Errors: 'error',
}
const FIELD = /^([A-Z][A-Za-z]{1,40}): ?(.*)$/
const HEAD = /^\d{4}-\d\d-\d\d \d\d\D\d\d\D\d\d \S{1,6} - \[([A-Za-z]{1,20})/
const MAX_FIELD = 1_024
const MAX_LOOSE = 200

export function readTextSections(text: string): TextSections {
  const lines = text.split('\n')
  const sections = { loose: [] as string[], fields: new Map<string, string>() }
  const lists: Record<Level, string[]> = { message: [], warning: [], error: [] }
  const thrown: { failed?: string; details?: string } = {}
  let at = 0
  while (at < lines.length) {
    const line = lineAt(lines, at)
    if (line === 'Log data:') break
    const [, key = '', value = ''] = (line.length <= MAX_FIELD && FIELD.exec(line)) || []
    at++
    if (line.startsWith('Failed: ')) at = readFailed(lines, at, thrown)
    else if (line.startsWith('Details: ')) at = readDetails(lines, at, thrown)
    else if (value === '[') at = readList(lines, at, lists[LISTS[key] ?? 'message'], key in LISTS)
    else if (FIELDS.has(key)) setFirst(sections.fields, key, value)
    else if (line.trim() !== '' && sections.loose.length < MAX_LOOSE) sections.loose.push(line)
  }
  return {
    ...sections,
    lists: richer(lists, readLogData(lines, at + 1)),
    exception: (thrown.details ?? thrown.failed)?.trim() || null,
  }
}

function lineAt(lines: string[], at: number): string {
  const line = lines[at] ?? ''
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

function setFirst(fields: Map<string, string>, key: string, value: string): void {
  if (!fields.has(key)) fields.set(key, value.trim())
}

/** The message of an exception, up to its details. */
function readFailed(lines: string[], at: number, thrown: { failed?: string }): number {
  const from = at - 1
  while (at < lines.length && lineAt(lines, at) !== '' && !lineAt(lines, at).startsWith('Details: ')) at++
  thrown.failed ??= textOf(lines, from, at).slice('Failed: '.length)
  return at
}

/** The exception with its stack, up to the empty line before the fields of the result. */
function readDetails(lines: string[], at: number, thrown: { details?: string }): number {
  const from = at - 1
  while (at < lines.length && !endsDetails(lines, at)) at++
  thrown.details ??= textOf(lines, from, at).slice('Details: '.length)
  return at
}

function endsDetails(lines: string[], at: number): boolean {
  const line = lineAt(lines, at)
  const next = lineAt(lines, at + 1)
  return line === 'Log data:' || (line === '' && (next === '' || FIELD.test(next.slice(0, MAX_FIELD))))
}

function textOf(lines: string[], from: number, to: number): string {
  return lines
    .slice(from, to)
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    .join('\n')
}

/** A list in brackets: items are indented and end with a comma, or `...` where it was cut. Returns where it ends. */
function readList(lines: string[], at: number, list: string[], isKept: boolean): number {
  let item: string[] | null = null
  const finish = (isLast: boolean) => {
    if (!item || !isKept) return
    const text = item.join('\n')
    list.push(!isLast && text.endsWith(',') ? text.slice(0, -1) : text)
  }
  for (; at < lines.length; at++) {
    const line = lineAt(lines, at)
    if (line === ']') break
    const isNew = line.startsWith('    ') && HEAD.test(line.slice(4, 80))
    if (isNew || line === '...') {
      finish(false)
      item = isNew ? [line.slice(4)] : null
    } else if (item) item.push(line)
  }
  finish(true)
  return at + 1
}

/** Lines of the log, each with the stack trace that follows it. */
function readLogData(lines: string[], from: number): Record<Level, string[]> {
  const lists: Record<Level, string[]> = { message: [], warning: [], error: [] }
  let start = from
  let level: Level = 'message'
  const finish = (end: number) => {
    const text = textOf(lines, start, end).trimEnd()
    if (text !== '') lists[level].push(text)
  }
  for (let at = from; at < lines.length; at++) {
    const line = lineAt(lines, at)
    const word = HEAD.exec(line.slice(0, 80))?.[1]
    if (word === undefined && !MORE.test(line)) continue
    if (at > start) finish(at)
    start = at
    level = word === 'Error' ? 'error' : word === 'Warning' ? 'warning' : 'message'
  }
  if (start < lines.length) finish(lines.length)
  return lists
}

/** The lists are cut at ten lines, the log at a hundred of the levels that were asked for, with their stack traces. */
function richer(cut: Record<Level, string[]>, log: Record<Level, string[]>): Record<Level, string[]> {
  const pick = (level: Level) => (log[level].length >= cut[level].length ? log[level] : cut[level])
  return { message: pick('message'), warning: pick('warning'), error: pick('error') }
}
