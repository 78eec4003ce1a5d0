/**
 * From what Ink tells of the keyboard to names of keys. Bytes that come together are one event without any flag in Ink ("jjj",
 * "G\r"), so every character is looked at by itself.
 */

/** A character as typed, or one of the names below, or `ctrl-` and a letter. */
export type Key = string

/** The part of Ink's key that is used here. */
export interface InkKey {
  upArrow: boolean
  downArrow: boolean
  leftArrow: boolean
  rightArrow: boolean
  pageDown: boolean
  pageUp: boolean
  home: boolean
  end: boolean
  return: boolean
  escape: boolean
  ctrl: boolean
  tab: boolean
  shift: boolean
  backspace: boolean
  delete: boolean
  meta: boolean
}

const NAMED: [keyof InkKey, Key][] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageDown', 'pagedown'],
  ['pageUp', 'pageup'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
]

const CHARACTERS: Record<string, Key> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u001b': 'esc',
  ' ': 'space',
}

/** The keys of one event of Ink, in the order in which they were pressed. */
export function keysOf(input: string, key: InkKey): Key[] {
  for (const [flag, name] of NAMED) if (key[flag]) return [name]
  if (key.escape) return ['esc', ...characters(input)]
  if (key.ctrl && input.length === 1) return [`ctrl-${input.toLowerCase()}`]
  // A letter right after Esc looks like Alt and the letter; nothing here is bound to Alt.
  return key.meta ? ['esc', ...characters(input)] : characters(input)
}

function characters(text: string): Key[] {
  return Array.from(text, (character) => CHARACTERS[character] ?? control(character) ?? character)
}

function control(character: string): Key | null {
  const code = character.charCodeAt(0)
  return code < 27 ? `ctrl-${String.fromCharCode(code + 96)}` : null
}

/** What a key adds to a line of text; empty for keys that are no letters. */
export function textOf(key: Key): string {
  if (key === 'space') return ' '
  return [...key].length === 1 ? key : ''
}
