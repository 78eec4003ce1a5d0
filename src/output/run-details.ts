/** One run in full: what it did, which versions there are, and what it had to say. */
import { isLeftOutNote } from '../duplicati/left-out.ts'
import type { LogLineView, RunView, ShowView } from '../fleet/model.ts'
import { clean } from './escape.ts'
import { type Format, ifKnown, listed, plural } from './format.ts'
import { runWords } from './history-table.ts'
import { type Look, type Paint, statusLook } from './look.ts'
import { keyValues } from './table.ts'
import { countOf, type LogLevel } from './views.ts'
import { cut, prepareWidths, wrap } from './width.ts'

export interface DetailsOptions {
  look: Look
  format: Format
  /** Terminal columns; Infinity in a pipe. */
  width: number
  level: LogLevel
  /** Where all versions are told. */
  versionsBy?: string
}

/** Some lines of a run's texts, which are made when they are looked at. */
export interface Block {
  /** How many lines it makes. */
  rows: number
  draw(): string[]
  /** What it says, for those who search: at least what stands in its lines. */
  text(): string
}

/** Version dates beyond this number are only counted here: `versions` lists them all. */
const VERSIONS_SHOWN = 5

/** The whole screen as lines, none wider than `options.width`. */
export async function renderRun(view: ShowView, options: DetailsOptions): Promise<string[]> {
  await prepareRun(view)
  const { look, width } = options
  const title = `${clean(view.server.name)}/${clean(view.job.name)} ${look.symbols.unknown} ${clean(view.run.operation)} ${view.run.id}`
  return [
    look.palette.bold(cut(title, width, look.symbols.ellipsis)),
    '',
    ...runFacts(view, options),
    ...runTexts(view, options).flatMap((block) => block.draw()),
  ]
}

/** Loads what measuring the texts needs. */
export async function prepareRun(view: ShowView): Promise<void> {
  await prepareWidths([view.server.name, view.job.name, ...view.log.map(({ text }) => text)])
}

/** What the run did, and which versions there are since. */
export function runFacts(view: ShowView, options: DetailsOptions): string[] {
  return [...statistics(view.run, options), ...versions(view, options)]
}

/** What the run had to say: nothing in it depends on the present moment. Measured at once, drawn where it is looked at. */
export function runTexts(view: ShowView, options: DetailsOptions): Block[] {
  return [
    ...exception(view, options),
    ...logSection('Errors', 'error', view, options),
    ...logSection('Warnings', 'warning', view, options),
    ...logSection('Messages', 'message', view, options),
  ]
}

function statistics(run: RunView, { look, format, width }: DetailsOptions): string[] {
  const { text, paint } = runWords(run, look)
  const { count, bytes } = format
  const changes = [
    [run.addedFiles, 'added', run.addedBytes],
    [run.modifiedFiles, 'modified', run.modifiedBytes],
    [run.deletedFiles, 'deleted', null],
  ] as const
  const changed = changes
    .filter(([files]) => files !== null)
    .map(([files, word, size]) => `${count(files)} ${word}${size ? ` (${bytes(size)})` : ''}`)
    .join(', ')
  const files = (value: number | null, word: string) => ifKnown(value, (known) => `${count(known)} ${word}`)
  const quota =
    run.freeBytes === null
      ? ''
      : `${bytes(run.freeBytes)} free${ifKnown(run.totalBytes, (total) => ` of ${bytes(total)}`)}`
  const pairs: [string, string | null][] = [
    ['Status', text],
    ['Because', run.setAside && clean(run.setAside)],
    ['Began', `${format.dateTime(run.beganAt)} (${format.relative(run.beganAt)})`],
    ['Time', run.timeDoubted ? 'of its receipt: what it told is not believed' : null],
    ['Ended', run.endedAt && format.dateTime(run.endedAt)],
    ['Duration', run.durationSeconds === null ? null : format.duration(run.durationSeconds)],
    ['Files', listed(files(run.examinedFiles, 'examined'), files(run.openedFiles, 'opened')) || null],
    ['Changes', changed || null],
    ['Source', run.examinedBytes === null ? null : bytes(run.examinedBytes)],
    ['Uploaded', run.uploadedBytes === null ? null : bytes(run.uploadedBytes)],
    ['Downloaded', run.downloadedBytes ? bytes(run.downloadedBytes) : null],
    ['Storage', run.storageBytes === null ? null : bytes(run.storageBytes)],
    ['Quota', quota || null],
    ['Versions', run.versions === null ? null : count(run.versions)],
    [
      'Log',
      `${plural(run.errors, 'error', count)}, ${plural(run.warnings, 'warning', count)}, ${plural(run.messages, 'message', count)}`,
    ],
    ['Duplicati', run.duplicatiVersion && clean(run.duplicatiVersion)],
    ['Known by', run.sources.join(', ')],
  ]
  const known = pairs.filter((pair): pair is [string, string] => pair[1] !== null)
  const nameWidth = Math.max(...known.map(([name]) => name.length)) + 2
  const room = Math.max(1, width - nameWidth)
  return keyValues(
    known.map(([name, value]) => {
      const shown = cut(value, room, look.symbols.ellipsis)
      return [name, name === 'Status' ? paint(shown) : shown]
    }),
    look,
  )
}

function versions(
  view: ShowView,
  { look, format, width, versionsBy = 'duplistatus versions' }: DetailsOptions,
): string[] {
  const dated = view.versions.flatMap(({ at }) => (at === null ? [] : [at]))
  if (dated.length === 0) return []
  const lines = dated.slice(0, VERSIONS_SHOWN).map((at) => `  ${format.dateTime(at)} (${format.relative(at)})`)
  const more = dated.length - lines.length
  return [
    '',
    look.palette.bold('Versions'),
    ...lines.map((line) => cut(line, width, look.symbols.ellipsis)),
    ...(more > 0 ? [look.palette.dim(cut(`  and ${more} more: ${versionsBy}`, width, look.symbols.ellipsis))] : []),
  ]
}

function exception({ run: { exception: text } }: ShowView, options: DetailsOptions): Block[] {
  if (text === null) return []
  const { palette } = options.look
  const at = { ...options, indent: '  ' }
  return [
    fixed('', palette.bold('Exception')),
    { rows: rowsOf(text, options), draw: () => textLines(text, at, palette.red), text: () => text },
  ]
}

/** Lines that are there already. */
export function fixed(...lines: string[]): Block {
  return { rows: lines.length, draw: () => lines, text: () => lines.join('\n') }
}

const WANTED: Record<LogLineView['level'], LogLevel[]> = {
  error: ['errors', 'warnings', 'all'],
  warning: ['warnings', 'all'],
  message: ['all'],
}

/** The lines of one level under a headline that tells their true number (T69). */
function logSection(title: string, level: LogLineView['level'], view: ShowView, options: DetailsOptions): Block[] {
  const { look, format } = options
  const lines = view.log.filter((line) => line.level === level)
  const counted = countOf(view.run, level)
  if (!WANTED[level].includes(options.level) || (counted === 0 && lines.length === 0)) return []
  const told = lines.filter(({ text }) => !isLeftOutNote(text)).length
  const shown = told < counted ? `${format.count(told)} of ${format.count(counted)} shown` : format.count(counted)
  const status = level === 'error' ? 'Error' : level === 'warning' ? 'Warning' : 'None'
  const { paint } = statusLook(status, look)
  const head = fixed('', look.palette.bold(`${title} (${shown})`))
  return [head, ...lines.map((line) => logBlock(line, options, paint))]
}

function logBlock(line: LogLineView, options: DetailsOptions, paint: Paint): Block {
  const { look, format, width } = options
  const tag = clean(line.tag?.split('-').pop() ?? '')
  const hasHead = Boolean(line.at) || tag !== ''
  const headOf = () => [line.at && format.dateTime(line.at), tag].filter(Boolean).join('  ')
  return {
    rows: (hasHead ? 1 : 0) + rowsOf(line.text, options),
    text: () => `${headOf()}\n${line.text}`,
    draw() {
      if (!hasHead) return textLines(line.text, { ...options, indent: '  ' }, String)
      const head = headOf()
      const text = textLines(line.text, { ...options, indent: '    ' }, String)
      return [`  ${paint(cut(head, width - 2, look.symbols.ellipsis))}`, ...text]
    },
  }
}

/** Text over several lines, indented and broken so that nothing wraps by itself. */
function textLines(text: string, { width, indent }: DetailsOptions & { indent: string }, paint: Paint): string[] {
  return piecesOf(text)
    .flatMap((line) => wrap(line, width - INDENT))
    .map((line) => `${indent}${paint(line)}`.trimEnd())
}

/** How many lines that makes: most fit as they are. */
function rowsOf(text: string, { width }: DetailsOptions): number {
  let rows = 0
  for (const line of piecesOf(text))
    rows += line.length <= (width - INDENT) >> 1 ? 1 : wrap(line, width - INDENT).length
  return rows
}

/** The widest indent of a text. */
const INDENT = 4

function piecesOf(text: string): string[] {
  return clean(text, { newlines: true }).trimEnd().split('\n')
}
