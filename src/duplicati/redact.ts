/**
 * What of Duplicati's answers may be written into files: no passwords, tokens or passphrases, and of a destination only its
 * scheme and host (`TargetURL` holds user name and password in clear). Rather too much is taken out than too little.
 */

const REMOVED = '***'
const MAX_DEPTH = 32

const SECRET_NAME =
  /pass|pwd|secret|token|nonce|salt|authorization|auth-|authid|cookie|credential|api-?key|access-?key|private-?key|ssh-?key|jwt|pbkdf|certificate|remote-control-(?:config|storage)|^key$|-key$/i
const DESTINATION_NAME = /^(?:additional)?(?:target|destination|backend|remote)-?urls?$/i
/** The same words in `name=value` of an address or a command line inside a text. Bounded: a hostile text must not cost its square. */
const SECRET_PAIR =
  /([\w-]{0,64}(?:pass|pwd|secret|token|auth-|authid|credential|api-?key|access-?key|private-?key)[\w-]{0,64})(=|%3D)(?!\*\*\*)[^\s&"';,\\]+/gi
const ADDRESS_LOGIN = /([a-z][a-z0-9+.-]{0,31}:\/\/)[^\s/?#"'\\@]{0,512}(?:\/[^\s/?#"'\\@]{0,512})?@/gi

/** A deep copy of an answer for people's eyes: see above. Deeper than 32 levels nothing is kept. */
export function redact(value: unknown): unknown {
  return copy(value, 0)
}

function copy(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return REMOVED
  if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1))
  const entries = Object.entries(value)
  // Settings and options come as {Name, Value}: the name decides over the value beside it.
  const named = entries.find(([key, name]) => key.toLowerCase() === 'name' && typeof name === 'string')?.[1]
  return Object.fromEntries(entries.map(([key, item]) => [key, member(key, item, named, depth)]))
}

function member(key: string, item: unknown, named: unknown, depth: number): unknown {
  const holdsValue = /^(?:default)?value$|^argument$/i.test(key)
  const name = holdsValue && typeof named === 'string' ? named : key
  if (DESTINATION_NAME.test(name)) return destinations(item)
  if (isEmpty(item)) return item
  return SECRET_NAME.test(name) ? REMOVED : copy(item, depth + 1)
}

function isEmpty(item: unknown): boolean {
  return item === null || item === '' || typeof item === 'boolean'
}

function destinations(item: unknown): unknown {
  if (typeof item === 'string') return item === '' ? item : destinationOf(item)
  return Array.isArray(item) ? item.map(destinations) : isEmpty(item) ? item : REMOVED
}

/** Takes logins out of addresses and values out of `password=…` inside a text. */
export function redactText(text: string): string {
  if (!/[=@%]/.test(text)) return text
  return text.replace(ADDRESS_LOGIN, `$1${REMOVED}@`).replace(SECRET_PAIR, `$1$2${REMOVED}`)
}

/** Nearly all; letters of any script take ten times as long to look for. */
const PLAIN_HOST = /^[\w.-]{1,255}$/
const HOST = /^(?:[\p{L}\p{N}._-]{1,255}|\[[0-9a-f:.]{2,45}\])$/iu

/**
 * Scheme and host of a destination (`ssh://nas`), the scheme alone (`file://`) where there is no host or it cannot be told
 * apart from a login (an unescaped `/` or `@` in a password); `file://` for plain paths.
 */
export function destinationOf(targetUrl: string): string {
  const parts = /^([a-z][a-z0-9+.-]{1,31}):\/\/([^/?#\\]{0,300})([^?#]*)/i.exec(targetUrl)
  if (!parts) return 'file://'
  const [, scheme = '', authority = '', path = ''] = parts
  // A Windows drive may stand in place of a host.
  if (scheme.toLowerCase() === 'file') return 'file://'
  const host = authority.replace(/^.*@/s, '').replace(/:\d*$/, '')
  const isHost = PLAIN_HOST.test(host) || HOST.test(host)
  return `${scheme.toLowerCase()}://${isHost && !path.includes('@') ? host : ''}`
}
