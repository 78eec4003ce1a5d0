/** Shell-style patterns: `*`, `?`, `[abc]`, `[a-z]`, `[!x]`, and `\` before a character that means itself. */

type Token = { kind: 'any' } | { kind: 'one'; matches: (character: string) => boolean }

/** Whether a text is meant as a pattern. */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text)
}

/**
 * A test of whole texts against a pattern. It takes time in proportion to text × pattern at worst, whatever they say; a bracket
 * that is never closed means itself. `*` crosses slashes: names are no paths.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const tokens = tokenise(Array.from(pattern))
  return (text) => matches(tokens, Array.from(text))
}

function tokenise(pattern: string[]): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? ''
    const closing = character === '[' ? closingBracket(pattern, at) : -1
    if (character === '*') tokens.push({ kind: 'any' })
    else if (character === '?') tokens.push({ kind: 'one', matches: () => true })
    else if (closing > 0) {
      tokens.push({ kind: 'one', matches: characterSet(pattern.slice(at + 1, closing)) })
      at = closing
    } else {
      const literal = character === '\\' && at + 1 < pattern.length ? (pattern[++at] ?? '') : character
      tokens.push({ kind: 'one', matches: (other) => other === literal })
    }
  }
  return tokens
}

/** A bracket right after `[` or `[!` belongs to the set. */
function closingBracket(pattern: string[], open: number): number {
  const first = pattern[open + 1] === '!' || pattern[open + 1] === '^' ? open + 2 : open + 1
  return pattern.indexOf(']', first + 1)
}

function characterSet(inside: string[]): (character: string) => boolean {
  const negated = inside[0] === '!' || inside[0] === '^'
  const members = negated ? inside.slice(1) : inside
  const ranges: [string, string][] = []
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? ''
    const isRange = members[at + 1] === '-' && at + 2 < members.length
    ranges.push([from, isRange ? (members[at + 2] ?? '') : from])
    if (isRange) at += 2
  }
  return (character) => ranges.some(([from, to]) => character >= from && character <= to) !== negated
}

/** Two pointers and the last `*` to come back to: no recursion, no blow-up. */
function matches(tokens: Token[], text: string[]): boolean {
  let token = 0
  let star = -1
  let retry = 0
  for (let at = 0; at < text.length; ) {
    const current = tokens[token]
    if (current?.kind === 'one' && current.matches(text[at] ?? '')) {
      token++
      at++
    } else if (current?.kind === 'any') {
      star = token++
      retry = at
    } else if (star >= 0) {
      token = star + 1
      at = ++retry
    } else return false
  }
  while (tokens[token]?.kind === 'any') token++
  return token === tokens.length
}
