/** Settings as `config list --json` and `config get --json` show them. A secret's value is never there. */

export interface SettingView {
  key: string
  /** What holds; null for none, and for secrets. An address that is private shows only where it leads. */
  value: string | number | null
  default: string | number | null
  source: 'file' | 'environment' | 'default'
  isSet: boolean
  secret: boolean
  /** What is wrong with what was set. */
  problem: string | null
  about: string
}

interface State {
  key: string
  value: string | number | null
  source: SettingView['source']
  isSet: boolean
  problem: string | null
}

interface About {
  kind: string
  about: string
  default?: string | number | null
  private?: boolean
}

/** @param state what holds. @param about the setting's definition */
export function settingView({ key, value, source, isSet, problem }: State, about: About): SettingView {
  // What a person wrote by hand can be of any type.
  const plain = typeof value === 'string' || typeof value === 'number' || value === null ? value : JSON.stringify(value)
  const shown = about.private && typeof plain === 'string' ? placeOf(plain) : plain
  const secret = about.kind === 'secret'
  return { key, value: shown, default: about.default ?? null, source, isSet, secret, problem, about: about.about }
}

/** `https://hc-ping.com/…`: who knows the rest could use it. */
function placeOf(address: string): string {
  const url = URL.parse(address)
  return url === null ? '…' : `${url.protocol}//${url.host}/…`
}
