/**
 * How many terminal columns a text takes, and cutting it to a number of columns.
 * ASCII and the alphabets of one column a letter are measured here; for the rest `string-width` (UAX #11, emoji sequences,
 * combining marks) is loaded, which costs as much as a whole Node start and is therefore asked for by `prepareWidths`.
 */

const ASCII = /^[\x20-\x7e]*$/
/** Latin, Greek, Cyrillic without combining marks, general punctuation and the symbols of our own tables: one column each. */
const NARROW =
  /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u0482\u048a-\u052f\u2010-\u2016\u2018-\u201f\u2022\u2026\u202f\u2500-\u259f\u25b6\u25cb\u2713\u2717\ufffd]*$/
/** The same and what is replaced before anything is measured: line ends, tabs and other controls. */
const NARROW_TEXT =
  /^[\x00-\u00ac\u00ae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u0482\u048a-\u052f\u2010-\u2016\u2018-\u201f\u2022\u2026\u202f\u2500-\u259f\u25b6\u25cb\u2713\u2717\ufffd]*$/

type Measure = (text: string) => number

let measure: Measure = estimate
let segmenter: Intl.Segmenter | undefined

/**
 * Loads what measuring these texts exactly needs: nothing for ASCII and European alphabets.
 * Without it wide characters are over-estimated, so that a line may end early but never wraps.
 */
export async function prepareWidths(texts: Iterable<string>): Promise<void> {
  if (measure !== estimate) return
  for (const text of texts) {
    if (!NARROW_TEXT.test(text)) {
      const { default: stringWidth } = await import('string-width')
      measure = stringWidth
      return
    }
  }
}

/** Terminal columns of a text without escape sequences. */
export function displayWidth(text: string): number {
  return ASCII.test(text) || NARROW.test(text) ? text.length : measure(text)
}

/** At most `width` columns of a text; what is cut off is marked by `mark` (one column), inside the width. */
export function cut(text: string, width: number, mark = '…'): string {
  if (displayWidth(text) <= width) return text
  if (width <= 0) return ''
  if (NARROW.test(text)) return text.slice(0, width - 1).trimEnd() + mark
  segmenter ??= new Intl.Segmenter()
  let kept = ''
  let columns = 0
  for (const { segment } of segmenter.segment(text)) {
    const wider = columns + displayWidth(segment)
    if (wider > width - 1) break
    kept += segment
    columns = wider
  }
  return kept.trimEnd() + mark
}

/** As `cut`, but out of the middle: of `server/job` the ends tell what is meant. */
export function cutMiddle(text: string, width: number, mark = '…'): string {
  if (displayWidth(text) <= width) return text
  const begin = cut(text, Math.ceil(width / 2), mark)
  return begin + endOf(text, width - displayWidth(begin))
}

/** The last `width` columns of a text, never a part of a character. */
export function endOf(text: string, width: number): string {
  segmenter ??= new Intl.Segmenter()
  let kept = ''
  let columns = 0
  for (const { segment } of [...segmenter.segment(text)].reverse()) {
    columns += displayWidth(segment)
    if (columns > width) break
    kept = segment + kept
  }
  return kept
}

/** Fills up with spaces to `width` columns; longer texts stay. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const missing = width - displayWidth(text)
  if (missing <= 0) return text
  return align === 'left' ? text + ' '.repeat(missing) : ' '.repeat(missing) + text
}

/** Breaks text into lines of at most `width` columns, at spaces where there are any; line feeds in it are kept. */
export function wrap(text: string, width: number): string[] {
  if (!Number.isFinite(width)) return text.split('\n')
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(1, width)))
}

function wrapLine(line: string, width: number): string[] {
  if (displayWidth(line) <= width) return [line]
  const lines: string[] = []
  let current = ''
  // A space ends a character, so that widths of words add up: a line that grows is not measured again and again.
  let columns = 0
  for (const word of line.split(' ')) {
    const size = displayWidth(word)
    if (current === '' ? size <= width : columns + 1 + size <= width) {
      columns = current === '' ? size : columns + 1 + size
      current = current === '' ? word : `${current} ${word}`
      continue
    }
    if (current !== '') lines.push(current)
    const pieces = size <= width ? [word] : chunks(word, width)
    current = pieces.pop() ?? ''
    columns = displayWidth(current)
    lines.push(...pieces)
  }
  if (current !== '') lines.push(current)
  return lines
}

/** A word in pieces of at most `width` columns, never inside a character. */
function chunks(word: string, width: number): string[] {
  if (NARROW.test(word)) {
    return Array.from({ length: Math.ceil(word.length / width) }, (_, at) => word.slice(at * width, (at + 1) * width))
  }
  segmenter ??= new Intl.Segmenter()
  const pieces: string[] = []
  let piece = ''
  let columns = 0
  for (const { segment } of segmenter.segment(word)) {
    const size = displayWidth(segment)
    if (columns + size > width && piece !== '') {
      pieces.push(piece)
      piece = ''
      columns = 0
    }
    piece += segment
    columns += size
  }
  pieces.push(piece)
  return pieces
}

/** Never too few columns: every character outside the narrow alphabets counts two. */
function estimate(text: string): number {
  let columns = 0
  for (const character of text) columns += NARROW.test(character) ? 1 : 2
  return columns
}
