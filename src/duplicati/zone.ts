/** What a server's setting says of its time zone; for offsets alone there is `offsets.ts`. */
import { UserError } from '../errors.ts'
import { zoneOffsets } from './offsets.ts'

/**
 * The zone that Duplicati's scheduler uses for the setting `server-timezone`: empty is UTC, Windows names become their IANA
 * name, fixed offsets such as `-05:00` stay. Null for a name that is unknown here.
 */
export async function ianaZone(setting: string): Promise<string | null> {
  const zone = setting.trim()
  if (zone === '') return 'UTC'
  if (zoneOffsets(zone)) return zone
  const { nameOfWindows } = await import('./windows-zones.ts')
  const mapped = nameOfWindows(zone)
  return mapped !== null && zoneOffsets(mapped) ? mapped : null
}

/**
 * Minutes east of UTC in `zone` (IANA name or fixed offset) at `at` (milliseconds since the epoch); a fraction for the local
 * mean times of long ago.
 *
 * @throws {UserError} `unknown_zone`
 */
export function offsetMinutes(zone: string, at: number): number {
  const offsets = zoneOffsets(zone)
  if (!offsets) {
    throw new UserError(`The time zone ${JSON.stringify(zone)} is unknown`, {
      code: 'unknown_zone',
      hint: 'Use a name such as Europe/Berlin, or an offset such as -05:00.',
    })
  }
  return offsets(at) / 60_000
}
