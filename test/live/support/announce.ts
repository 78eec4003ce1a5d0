import { COMMANDS } from './commands.ts'

/** Vitest's global set-up of the live suites: without a server they are skipped, and that is said where it is seen. */
export default function announce(): void {
  if (COMMANDS.length > 0) return
  process.stderr.write('Live tests skipped: DUPLICATI_SERVER names no duplicati-server command.\n')
}
