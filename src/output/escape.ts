/** Printable ASCII: nearly every text, and nothing in it to mend. */
const PLAIN = /^[\x20-\x7e]*$/
/** The same over several lines. */
const PLAIN_LINES = /^[\x20-\x7e\n]*$/
/** What moves the cursor, colours, rings or re-titles: C0, DEL and C1 controls. */
const CONTROLS = /[\x00-\x1f\x7f-\x9f]/g
/** Marks that reorder the line (Unicode bidi controls) or hide in it (zero-width, soft hyphen, byte order mark, tags). */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\u{e0001}|[\u{e0020}-\u{e007f}]/gu
const SEPARATORS = /[\u0085\u2028\u2029]/g
/** Marks stacked on one letter grow into the lines above and below; no written language needs more than four. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu
const REPLACEMENT = '\ufffd'

/**
 * Makes text from outside inert for a terminal: controls (so every ANSI and OSC sequence) become a visible replacement,
 * line ends and tabs a space, bidi overrides and invisible characters go. Letters of every script stay.
 * @param options.newlines keeps line feeds, for texts that are shown over several lines (log lines, stack traces)
 */
export function clean(text: string, options: { newlines?: boolean } = {}): string {
  if ((options.newlines ? PLAIN_LINES : PLAIN).test(text)) return text
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(SEPARATORS, options.newlines ? '\n' : ' ')
    .replace(CONTROLS, (character) => {
      if (character === '\n') return options.newlines ? '\n' : ' '
      return character === '\t' ? ' ' : REPLACEMENT
    })
    .replace(INVISIBLE, '')
    .replace(STACKED_MARKS, '$1')
}

/** The first line that says something, inert; for messages whose stack trace follows. */
export function firstLine(text: string): string {
  for (const line of text.split(/[\r\n\u2028\u2029]+/)) {
    const inert = clean(line).trim()
    if (inert !== '') return inert
  }
  return ''
}
