/** The names that Windows gives time zones: 80 KB, loaded where a server uses one. */
import { findIana } from 'windows-iana'

/** The IANA name of a zone of Windows, such as `Europe/Berlin` of `W. Europe Standard Time`; null for no such name. */
export function nameOfWindows(zone: string): string | null {
  return findIana(zone)[0] ?? null
}
