/**
 * Completion scripts for bash, zsh and fish, written from the list of commands. Static, but for names of servers and jobs, which
 * the program itself is asked for. Those come from outside: no script lets the shell evaluate them.
 */

export interface FlagSpec {
  name: string
  char: string | null
  description: string
  /** The values that there are, or empty. */
  options: readonly string[]
  /** Several of the options may be given, with commas. */
  isList: boolean
  takesValue: boolean
  /** `--no-NAME` is a flag too. */
  allowsNo: boolean
}

/** What is named by a command's arguments. */
export type Names = 'servers' | 'all'

export interface CommandSpec {
  /** `['server', 'add']`. */
  words: string[]
  summary: string
  flags: FlagSpec[]
  /** Words that its first argument may be. */
  choices: readonly string[]
  /** Servers, or servers and jobs; null where its arguments name neither. */
  names: Names | null
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

/** Each place in the tree with the commands that may follow: `''` → top commands, `server` → `add list …`. */
function topics(commands: CommandSpec[]): Map<string, string[]> {
  const next = new Map<string, Set<string>>()
  for (const { words } of commands) {
    for (const [depth, word] of words.entries()) {
      const place = words.slice(0, depth).join(' ')
      const known = next.get(place) ?? new Set()
      next.set(place, known.add(word))
    }
  }
  return new Map([...next].map(([place, words]) => [place, [...words].sort()]))
}

/** All words that may follow at a place: commands, and what a first argument may be. `help` goes before any of them. */
function choices(commands: CommandSpec[]): [place: string, words: string[]][] {
  const places = new Map(topics(commands))
  places.set('', [...(places.get('') ?? []), 'help'])
  for (const { words, choices: first } of commands) {
    if (first.length > 0) places.set(words.join(' '), [...(places.get(words.join(' ')) ?? []), ...first])
  }
  return [...places]
}

/** `place word` of every step down the tree, as patterns of a shell's `case`. */
function steps(commands: CommandSpec[]): string {
  const patterns = [...topics(commands)].flatMap(([place, words]) => words.map((word) => `'${place} ${word}'`))
  return patterns.join('|')
}

/** The names of a flag without the dashes, `no-NAME` among them. */
function namesOf({ name, allowsNo }: FlagSpec): string[] {
  return allowsNo ? [name, `no-${name}`] : [name]
}

function flagWords(command: CommandSpec): string {
  return command.flags.flatMap((flag) => namesOf(flag).map((name) => `--${name}`)).join(' ')
}

/** Patterns of `command flag` whose value is one of a list, several of one, a file name, or free. */
function valueCases(
  commands: CommandSpec[],
  line: { one: (words: string) => string; several: (words: string) => string; files: string; free: string },
): string[] {
  const lines = commands.flatMap(({ words, flags }) =>
    flags
      .filter(({ options }) => options.length > 0)
      .map(({ name, char, options, isList }) => {
        const written = [`--${name}`, ...(char ? [`-${char}`] : [])]
        const patterns = written.map((flag) => `'${words.join(' ')} ${flag}'`).join('|')
        return `    ${patterns}) ${(isList ? line.several : line.one)(options.join(' '))} ;;`
      }),
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

/** Where names follow: the places of commands about servers alone, and of those about jobs too. */
function namePlaces(commands: CommandSpec[]): [names: Names, places: string[]][] {
  return (['servers', 'all'] as const).map((wanted) => [
    wanted,
    commands.filter(({ names }) => names === wanted).map(({ words }) => words.join(' ')),
  ])
}

/** Patterns of a shell's `case` for those places, and what is to be run there. */
function nameCases(commands: CommandSpec[], line: (only: string) => string): string[] {
  return namePlaces(commands).map(([names, places]) => {
    return `      ${places.map((place) => `'${place}'`).join('|')}) ${line(names === 'servers' ? ' --servers' : '')} ;;`
  })
}

function bash(bin: string, commands: CommandSpec[]): string {
  const cases = valueCases(commands, {
    one: (words) => `COMPREPLY=($(compgen -W '${words}' -- "$cur")); return`,
    several: (words) => `_${bin}_list "$cur" '${words}'; return`,
    files: 'COMPREPLY=($(compgen -f -- "$cur")); return',
    free: 'return',
  })
  return `# bash completion of ${bin}: eval "$(${bin} completion bash)"
_${bin}_names() {
  local cur=$1 name IFS=$'\\n'
  shift
  while IFS= read -r name; do
    # %q writes names so that the shell takes them literally, whatever is in them.
    printf -v name '%q' "$name"
    [[ $name == "$cur"* ]] && COMPREPLY+=("$name")
  done < <("\${COMP_WORDS[0]}" completion bash --names "$@" 2>/dev/null)
  # What stands before the last sign at which bash splits words is on the line already; an @ begins a word itself.
  local before=\${cur%"\${cur##*[:=@]}"} i
  if [[ -n $before && $COMP_WORDBREAKS == *"\${before: -1}"* ]]; then
    before=\${before%@}
    for i in "\${!COMPREPLY[@]}"; do COMPREPLY[i]=\${COMPREPLY[i]#"$before"}; done
  fi
}
_${bin}_list() {
  local before=\${1%"\${1##*,}"}
  COMPREPLY=($(compgen -P "$before" -W "$2" -- "\${1#"$before"}"))
}
_${bin}() {
  local place='' words='' asked='' rest=$COMP_LINE part last cur prev word i
  local -a typed=()
  COMPREPLY=()
  # bash splits words at : = @ too, but names have them: what stands together is one word, except --flag=value.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    part=\${COMP_WORDS[i]} last=$((\${#typed[@]} - 1))
    if [[ $i != 0 && $rest != [[:space:]]* && \${typed[last]} != -* && \${typed[last]} != '=' &&
      ($part == [:=@]* || \${typed[last]} == *[:=@]) ]]; then
      typed[last]+=$part
    else
      typed+=("$part")
      rest=\${rest#"\${rest%%[![:space:]]*}"}
    fi
    rest=\${rest#"$part"}
  done
  last=$((\${#typed[@]} - 1)) cur=\${typed[last]} prev=\${typed[last - 1]}
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev=\${typed[last - 2]}; fi
  for ((i = 1; i < last; i++)); do
    word=\${typed[i]}
    case $word in
      ${swallowing(commands)}) ((i++)); continue ;;
      -*) continue ;;
    esac
    if [[ -z $place && $word == help ]]; then asked=help; continue; fi
    case "$place $word" in
      ${steps(commands)}) place="\${place:+$place }$word" ;;
    esac
  done
  case "$place $prev" in
${cases.join('\n')}
  esac
  case $place in
${choices(commands)
  .map(([place, words]) => `    '${place}') words='${words.join(' ')}' ;;`)
  .join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $place in
${commands.map((command) => `      '${command.words.join(' ')}') words='${flagWords(command)}' ;;`).join('\n')}
      *) words='--help --version' ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ $cur != -* && -z $asked ]]; then
    case $place in
${nameCases(commands, (only) => `_${bin}_names "$cur"${only}`).join('\n')}
    esac
  fi
}
complete -F _${bin} ${bin}
`
}

function zsh(bin: string, commands: CommandSpec[]): string {
  const cases = valueCases(commands, {
    one: (words) => `compadd -- ${words}; return`,
    several: (words) => `compset -P '*,'; compadd -- ${words}; return`,
    files: '_files; return',
    free: 'return',
  })
  const flags = (command: CommandSpec) =>
    command.flags
      .flatMap((flag) => namesOf(flag).map((name) => `--${name}:${flag.description.replaceAll(':', '\\:')}`))
      .map(quote)
      .join(' ')
  return `#compdef ${bin}
# zsh completion of ${bin}: eval "$(${bin} completion zsh)", or a file _${bin} in a folder of $fpath
_${bin}() {
  local place='' asked='' prev=\${words[CURRENT-1]} word i
  local -a flags
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    case $word in
      ${swallowing(commands)}) ((i++)); continue ;;
      -*) continue ;;
    esac
    if [[ -z $place && $word == help ]]; then asked=help; continue; fi
    case "$place $word" in
      ${steps(commands)}) place="\${place:+$place }$word" ;;
    esac
  done
  if [[ \${words[CURRENT]} == --*=* ]]; then
    prev=\${words[CURRENT]%%=*}
    compset -P '*='
  fi
  case "$place $prev" in
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
${choices(commands)
  .map(([place, words]) => `    '${place}') compadd -- ${words.join(' ')} ;;`)
  .join('\n')}
  esac
  if [[ -z $asked ]]; then
    case $place in
${nameCases(commands, (only) => `compadd -- "\${(@f)$(\${words[1]} completion zsh --names${only} 2>/dev/null)}"`).join('\n')}
    esac
  fi
}
if [[ \${funcstack[1]} == _${bin} ]]; then _${bin} "$@"; else compdef _${bin} ${bin}; fi
`
}

function fish(bin: string, commands: CommandSpec[]): string {
  const lines = [
    `# fish completion of ${bin}: ${bin} completion fish > ~/.config/fish/completions/${bin}.fish`,
    '# At a place; with a second word not after help.',
    `function __${bin}_at`,
    '  set -l place',
    '  set -l asked 0',
    '  set -l skip 0',
    '  for word in (commandline -opc)[2..-1]',
    '    if test $skip -eq 1; set skip 0; continue; end',
    `    if string match -qr -- '^(${swallowing(commands)})$' $word; set skip 1; continue; end`,
    "    string match -q -- '-*' $word; and continue",
    '    if test "$place" = "" -a "$word" = help; set asked 1; continue; end',
    `    contains -- "$place $word" ${steps(commands).replaceAll('|', ' ')}; and set place (string trim -- "$place $word")`,
    '  end',
    '  test (count $argv) -gt 1 -a $asked -eq 1; and return 1',
    '  test "$place" = "$argv[1]"',
    'end',
    `function __${bin}_list`,
    "  set -l before (commandline -ct | string replace -rf -- '^(?:--[^=]*=)?(.*,)[^,]*$' '$1')",
    // Quoted, so that nothing before them leaves the words as they are.
    `  printf '%s\\n' "$before"$argv`,
    'end',
    `complete -c ${bin} -f`,
  ]
  const at = (place: string, more = '') => fishQuote(`__${bin}_at ${fishQuote(place)}${more}`)
  const summaries = new Map(commands.map(({ words, summary }) => [words.join(' '), summary]))
  for (const [place, words] of choices(commands)) {
    for (const word of words) {
      const summary = summaries.get(place === '' ? word : `${place} ${word}`) ?? ''
      lines.push(`complete -c ${bin} -n ${at(place)} -a ${word} -d ${fishQuote(summary)}`)
    }
  }
  for (const [names, places] of namePlaces(commands)) {
    const only = names === 'servers' ? ' --servers' : ''
    for (const place of places)
      lines.push(
        `complete -c ${bin} -n ${at(place, ' names')} -a '(${bin} completion fish --names${only} 2>/dev/null)'`,
      )
  }
  for (const { words, flags } of commands) {
    for (const flag of flags) {
      const [, no] = namesOf(flag)
      const char = flag.char ? ` -s ${flag.char}` : ''
      const about = `-d ${fishQuote(flag.description)}`
      const here = `complete -c ${bin} -n ${at(words.join(' '))}`
      lines.push(`${here} -l ${flag.name}${char}${fishValue(flag, bin)} ${about}`)
      if (no) lines.push(`${here} -l ${no} ${about}`)
    }
  }
  return `${lines.join('\n')}\n`
}

function fishValue(flag: FlagSpec, bin: string): string {
  const words = flag.options.join(' ')
  if (words !== '') return ` -x -a ${fishQuote(flag.isList ? `(__${bin}_list ${words})` : words)}`
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
