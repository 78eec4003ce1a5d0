/**
 * The real servers to test against: `DUPLICATI_SERVER` names one command, or several separated by `:` (the `duplicati-server`
 * of an installation will do). Empty without it: the suites are skipped then, and `announce.ts` says so.
 */
export const COMMANDS = (process.env.DUPLICATI_SERVER ?? '')
  .split(':')
  .map((command) => command.trim())
  .filter(Boolean)

/** What `describe.each` gets: one entry, never run, where there is no server, for an empty suite is an error to vitest. */
export const SERVERS =
  COMMANDS.length > 0
    ? COMMANDS.map((command) => ({ name: baseName(command), command }))
    : [{ name: 'no server: DUPLICATI_SERVER is not set', command: '' }]

function baseName(command: string): string {
  return command.slice(command.lastIndexOf('/') + 1)
}
