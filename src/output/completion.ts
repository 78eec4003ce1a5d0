/**
 * Completion scripts for bash, zsh and fish, written from the list of commands. Static, but for names of servers and jobs, which
 * the program itself is asked for. Those come from outside: no script lets the shell evaluate them.
 */

export interface FlagSpec {
  name: string
  char: string | null
  description: string
  /** The values that there are, or empty. */
  options: string[]
  takesValue: boolean
}

export interface CommandSpec {
  /** `['server', 'add']`. */
  words: string[]
  summary: string
  flags: FlagSpec[]
  /** Its arguments name servers or jobs. */
  takesNames: boolean
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** Flags whose value is a path. */
const FILE_FLAGS = ['db', 'config', 'save']

/** The script, ready to be sourced. */
export function completionScript(shell: Shell, bin: string, commands: CommandSpec[]): string {
  if (shell === 'fish') return fish(bin, commands)
  return shell === 'bash' ? bash(bin, commands) : zsh(bin, commands)
}

/** Each place in the tree with the words that may follow: `''` → top commands, `server` → `add list …`. */
function topics(commands: CommandSpec[]): Map<string, string[]> {
  const next = new Map<string, Set<string>>([['', new Set(['help'])]])
  for (const { words } of commands) {
    for (const [depth, word] of words.entries()) {
      const place = words.slice(0, depth).join(' ')
      const known = next.get(place) ?? new Set()
      next.set(place, known.add(word))
    }
  }
  return new Map([...next].map(([place, words]) => [place, [...words].sort()]))
}

/** `place word` of every step down the tree, as patterns of a shell's `case`. */
function steps(commands: CommandSpec[]): string {
  const patterns = [...topics(commands)].flatMap(([place, words]) => words.map((word) => `'${place} ${word}'`))
  return patterns.join('|')
}

function flagWords(command: CommandSpec): string {
  return command.flags.map(({ name }) => `--${name}`).join(' ')
}

/** Patterns of `command flag` whose value is taken from a list, a file name, or is free. */
function valueCases(
  commands: CommandSpec[],
  line: { list: (words: string) => string; files: string; free: string },
): string[] {
  const lines = commands.flatMap(({ words, flags }) =>
    flags
      .filter(({ options }) => options.length > 0)
      .map(({ name, options }) => `    '${words.join(' ')} --${name}') ${line.list(options.join(' '))} ;;`),
  )
  const free = new Set(commands.flatMap(({ flags }) => flags.filter(takesFreeValue).map(({ name }) => name)))
  const others = [...free].filter((name) => !FILE_FLAGS.includes(name))
  if (others.length > 0) lines.push(`    ${others.map((name) => `*' --${name}'`).join('|')}) ${line.free} ;;`)
  return [`    ${FILE_FLAGS.map((name) => `*' --${name}'`).join('|')}) ${line.files} ;;`, ...lines]
}

/** `--watch` takes a number or nothing, so what follows may be a name as well. */
function takesFreeValue({ name, takesValue, options }: FlagSpec): boolean {
  return takesValue && options.length === 0 && name !== 'watch'
}

/** Flags that swallow the word after them, so that it is no command. */
function swallowing(commands: CommandSpec[]): string {
  const flags = commands.flatMap((command) => command.flags.filter((flag) => flag.takesValue && flag.name !== 'watch'))
  return [...new Set(flags.map(({ name }) => `--${name}`))].sort().join('|')
}

function bash(bin: string, commands: CommandSpec[]): string {
  const names = commands.filter(({ takesNames }) => takesNames).map(({ words }) => `'${words.join(' ')}'`)
  const cases = valueCases(commands, {
    list: (words) => `COMPREPLY=($(compgen -W '${words}' -- "$cur")); return`,
    files: 'COMPREPLY=($(compgen -f -- "$cur")); return',
    free: 'return',
  })
  return `# bash completion of ${bin}: eval "$(${bin} completion bash)"
_${bin}_names() {
  local name IFS=$'\\n'
  while IFS= read -r name; do
    # %q writes names so that the shell takes them literally, whatever is in them.
    printf -v name '%q' "$name"
    [[ $name == "$1"* ]] && COMPREPLY+=("$name")
  done < <("\${COMP_WORDS[0]}" completion bash --names 2>/dev/null)
}
_${bin}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} place='' words='' word i
  COMPREPLY=()
  # bash splits --flag=value at the sign.
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${swallowing(commands)}) ((i++)); continue ;;
      -*) continue ;;
    esac
    case "$place $word" in
      ${steps(commands)}) place="\${place:+$place }$word" ;;
    esac
  done
  case "$place $prev" in
${cases.join('\n')}
  esac
  case $place in
${[...topics(commands)].map(([place, words]) => `    '${place}') words='${words.join(' ')}' ;;`).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $place in
${commands.map((command) => `      '${command.words.join(' ')}') words='${flagWords(command)}' ;;`).join('\n')}
      *) words='--help --version' ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  case $place in
    ${names.join('|')}) [[ $cur == -* ]] || _${bin}_names "$cur" ;;
  esac
}
complete -F _${bin} ${bin}
`
}

function zsh(bin: string, commands: CommandSpec[]): string {
  const names = commands.filter(({ takesNames }) => takesNames).map(({ words }) => `'${words.join(' ')}'`)
  const cases = valueCases(commands, {
    list: (words) => `compadd -- ${words}; return`,
    files: '_files; return',
    free: 'return',
  })
  const flags = (command: CommandSpec) =>
    command.flags.map(({ name, description }) => quote(`--${name}:${description.replaceAll(':', '\\:')}`)).join(' ')
  return `#compdef ${bin}
# zsh completion of ${bin}: eval "$(${bin} completion zsh)", or a file _${bin} in a folder of $fpath
_${bin}() {
  local place='' word i
  local -a flags
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    case $word in
      ${swallowing(commands)}) ((i++)); continue ;;
      -*) continue ;;
    esac
    case "$place $word" in
      ${steps(commands)}) place="\${place:+$place }$word" ;;
    esac
  done
  case "$place \${words[CURRENT-1]}" in
${cases.join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    case $place in
${commands.map((command) => `      '${command.words.join(' ')}') flags=(${flags(command)}) ;;`).join('\n')}
      *) flags=(--help --version) ;;
    esac
    _describe -o flag flags
    return
  fi
  case $place in
${[...topics(commands)].map(([place, words]) => `    '${place}') compadd -- ${words.join(' ')} ;;`).join('\n')}
  esac
  case $place in
    ${names.join('|')}) compadd -- "\${(@f)$(\${words[1]} completion zsh --names 2>/dev/null)}" ;;
  esac
}
if [[ \${funcstack[1]} == _${bin} ]]; then _${bin} "$@"; else compdef _${bin} ${bin}; fi
`
}

function fish(bin: string, commands: CommandSpec[]): string {
  const lines = [
    `# fish completion of ${bin}: ${bin} completion fish > ~/.config/fish/completions/${bin}.fish`,
    `function __${bin}_at`,
    '  set -l place',
    '  set -l skip 0',
    '  for word in (commandline -opc)[2..-1]',
    '    if test $skip -eq 1; set skip 0; continue; end',
    `    if string match -qr -- '^(${swallowing(commands)})$' $word; set skip 1; continue; end`,
    "    string match -q -- '-*' $word; and continue",
    `    contains -- "$place $word" ${steps(commands).replaceAll('|', ' ')}; and set place (string trim -- "$place $word")`,
    '  end',
    '  test "$place" = "$argv[1]"',
    'end',
    `complete -c ${bin} -f`,
  ]
  const summaries = new Map(commands.map(({ words, summary }) => [words.join(' '), summary]))
  for (const [place, words] of topics(commands)) {
    for (const word of words) {
      const summary = summaries.get(place === '' ? word : `${place} ${word}`) ?? ''
      lines.push(
        `complete -c ${bin} -n ${fishQuote(`__${bin}_at ${fishQuote(place)}`)} -a ${word} -d ${fishQuote(summary)}`,
      )
    }
  }
  for (const command of commands) {
    const here = fishQuote(`__${bin}_at ${fishQuote(command.words.join(' '))}`)
    if (command.takesNames)
      lines.push(`complete -c ${bin} -n ${here} -a '(${bin} completion fish --names 2>/dev/null)'`)
    for (const flag of command.flags) {
      const char = flag.char ? ` -s ${flag.char}` : ''
      lines.push(
        `complete -c ${bin} -n ${here} -l ${flag.name}${char}${fishValue(flag)} -d ${fishQuote(flag.description)}`,
      )
    }
  }
  return `${lines.join('\n')}\n`
}

function fishValue(flag: FlagSpec): string {
  if (flag.options.length > 0) return ` -x -a ${fishQuote(flag.options.join(' '))}`
  if (FILE_FLAGS.includes(flag.name)) return ' -r -F'
  return takesFreeValue(flag) ? ' -x' : ''
}

/** A text in single quotes, inside which zsh takes everything literally. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** fish reads backslashes inside single quotes. */
function fishQuote(text: string): string {
  return quote(text.replaceAll('\\', '\\\\'))
}
