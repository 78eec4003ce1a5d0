/** Which words are whose: the program's, a command's, or those behind `--`, which are nobody's flags. */

/** What stands before `--`. */
export function beforeDashes(argv: string[]): string[] {
  const end = argv.indexOf('--')
  return end === -1 ? argv : argv.slice(0, end)
}

export interface Meant {
  /** `status`, `server:add` */
  id: string
  /** What stands behind the command's name. */
  argv: string[]
}

/** The command that is meant, of two words before one of one; null where oclif's help or version is, or nothing that there is. */
export function commandOf(argv: string[], isCommand: (id: string) => boolean): Meant | null {
  const own = beforeDashes(argv)
  if (own.includes('--help') || own.includes('-h') || own[0] === '--version') return null
  const [first = '', second = ''] = argv
  if (isCommand(`${first}:${second}`)) return { id: `${first}:${second}`, argv: argv.slice(2) }
  return isCommand(first) ? { id: first, argv: argv.slice(1) } : null
}
