/** Every key, as data: what it does, where, and in which words. Handler, footer (`hints.ts`), help and docs/tui.md come from this list. */
import type { Key } from './keys.ts'
import type { State, ViewName } from './model.ts'

export type Action =
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'first'
  | 'last'
  | 'left'
  | 'right'
  | 'enter'
  | 'back'
  | 'filter'
  | 'search'
  | 'nextMatch'
  | 'previousMatch'
  | 'level'
  | 'problems'
  | 'sort'
  | 'reverse'
  | 'group'
  | 'layout'
  | 'panel'
  | 'metric'
  | 'range1'
  | 'range2'
  | 'range3'
  | 'range4'
  | 'range5'
  | 'server'
  | 'versions'
  | 'explain'
  | 'servers'
  | 'alerts'
  | 'outbox'
  | 'settings'
  | 'jobSettings'
  | 'inherit'
  | 'log'
  | 'qr'
  | 'collect'
  | 'collectAll'
  | 'cancel'
  | 'test'
  | 'open'
  | 'openLegacy'
  | 'snooze'
  | 'refresh'
  | 'auto'
  | 'help'
  | 'quit'

/** In the order of the help. */
export const KEY_GROUPS = ['Move', 'Find', 'Look', 'Go to', 'Do', 'Program'] as const

export interface Binding {
  action: Action
  keys: Key[]
  /** In the help and the docs: `Collect the selected server`. */
  label: string
  /** In the footer, where there is room; without it the key is only in the help. */
  hint?: string | ((state: State) => string)
  /** What the footer calls the keys of several bindings: `1-5`. */
  hintKeys?: string
  /** The hint is of use only then. */
  hintWhen?: (state: State) => boolean
  /** The view that it leads to: there the footer need not offer it. */
  to?: ViewName
  /** Where it works; everywhere without. */
  views?: readonly ViewName[]
  group: (typeof KEY_GROUPS)[number]
  /** Works only then; before it another meaning of the key may stand. */
  when?: (state: State) => boolean
}

const JOBS: readonly ViewName[] = ['jobs', 'server']
const OF_A_JOB: readonly ViewName[] = ['jobs', 'server', 'job', 'jobSettings', 'run', 'overdue', 'versions', 'alerts']
const WITH_CHARTS: readonly ViewName[] = ['jobs', 'server', 'job']

const withChart = ({ list }: State) => list.panel === 'metrics'
const isCollecting = ({ collecting }: State) => collecting?.running === true
const isSearched = ({ search }: State) => search !== ''
const inCards = ({ list }: State) => list.layout === 'cards'

const canGoBack = ({ views: [view, behind] }: State) => behind !== undefined || view.filter !== ''

export const BINDINGS: readonly Binding[] = [
  { action: 'left', keys: ['h', 'left'], label: 'Card to the left', views: ['jobs'], when: inCards, group: 'Move' },
  { action: 'right', keys: ['l', 'right'], label: 'Card to the right', views: ['jobs'], when: inCards, group: 'Move' },
  {
    action: 'enter',
    keys: ['enter', 'l', 'right'],
    label: 'Open what is selected',
    hint: 'open',
    views: ['jobs', 'server', 'job', 'alerts', 'servers'],
    group: 'Move',
  },
  {
    action: 'enter',
    keys: ['enter', 'l', 'right'],
    label: 'Change what is selected',
    hint: 'change',
    views: ['settings', 'jobSettings'],
    group: 'Do',
  },
  {
    action: 'enter',
    keys: ['enter', 'l', 'right'],
    label: 'Try the selected message again',
    hint: 'try again',
    views: ['outbox'],
    group: 'Do',
  },
  {
    action: 'enter',
    keys: ['enter', 'l', 'right'],
    label: 'Make a topic where none is set',
    views: ['qr'],
    group: 'Do',
  },
  {
    action: 'back',
    keys: ['esc', 'h', 'left', 'backspace'],
    label: 'One step back; ends a filter',
    hint: 'back',
    when: canGoBack,
    group: 'Move',
  },
  { action: 'up', keys: ['k', 'up'], label: 'Up', group: 'Move' },
  { action: 'down', keys: ['j', 'down'], label: 'Down', group: 'Move' },
  { action: 'pageUp', keys: ['pageup', 'ctrl-b', 'ctrl-u'], label: 'A page up', group: 'Move' },
  { action: 'pageDown', keys: ['pagedown', 'ctrl-f', 'ctrl-d', 'space'], label: 'A page down', group: 'Move' },
  { action: 'first', keys: ['g', 'home'], label: 'To the beginning', group: 'Move' },
  { action: 'last', keys: ['G', 'end'], label: 'To the end', group: 'Move' },

  {
    action: 'filter',
    keys: ['/'],
    label: 'Filter by name, alias, address, tag or id while you type; ! before it turns it round',
    hint: 'filter',
    views: JOBS,
    group: 'Find',
  },
  { action: 'search', keys: ['/'], label: 'Search in the log', hint: 'search', views: ['run', 'log'], group: 'Find' },
  {
    action: 'nextMatch',
    keys: ['n'],
    label: 'Next match',
    hint: 'next',
    hintWhen: isSearched,
    views: ['run', 'log'],
    group: 'Find',
  },
  { action: 'previousMatch', keys: ['N'], label: 'Match before', views: ['run', 'log'], group: 'Find' },
  {
    action: 'level',
    keys: ['f'],
    label: 'All lines, warnings and errors, or errors alone',
    hint: 'level',
    views: ['run'],
    group: 'Find',
  },
  { action: 'problems', keys: ['p'], label: 'Only jobs with a problem', hint: 'problems', views: JOBS, group: 'Find' },
  { action: 'sort', keys: ['s'], label: 'Sort by the next column', hint: 'sort', views: JOBS, group: 'Find' },
  { action: 'reverse', keys: ['i'], label: 'Turn the order round', views: JOBS, group: 'Find' },
  {
    action: 'group',
    keys: ['b'],
    label: 'Group by server, by status, or not',
    hint: 'group',
    views: ['jobs'],
    group: 'Find',
  },

  {
    action: 'layout',
    keys: ['t'],
    label: 'Table or cards',
    hint: (state) => (inCards(state) ? 'table' : 'cards'),
    views: ['jobs'],
    group: 'Look',
  },
  {
    action: 'panel',
    keys: ['m'],
    label: 'Panel: facts, a chart, or none; for a job: facts or a chart',
    hint: 'panel',
    views: WITH_CHARTS,
    group: 'Look',
  },
  {
    action: 'metric',
    keys: ['M', 'tab'],
    label: 'Next metric of the chart',
    hint: 'metric',
    hintWhen: withChart,
    views: WITH_CHARTS,
    group: 'Look',
  },
  {
    action: 'range1',
    keys: ['1'],
    label: 'Chart of one week',
    hint: 'range',
    hintKeys: '1-5',
    hintWhen: withChart,
    views: WITH_CHARTS,
    group: 'Look',
  },
  { action: 'range2', keys: ['2'], label: 'Chart of two weeks', views: WITH_CHARTS, group: 'Look' },
  { action: 'range3', keys: ['3'], label: 'Chart of a month', views: WITH_CHARTS, group: 'Look' },
  { action: 'range4', keys: ['4'], label: 'Chart of three months', views: WITH_CHARTS, group: 'Look' },
  { action: 'range5', keys: ['5'], label: 'Chart of a year', views: WITH_CHARTS, group: 'Look' },

  {
    action: 'explain',
    keys: ['e'],
    label: 'Why a job is overdue, or when it will be',
    hint: 'explain',
    to: 'overdue',
    views: OF_A_JOB,
    group: 'Go to',
  },
  {
    action: 'versions',
    keys: ['v'],
    label: 'Versions at the destination',
    hint: 'versions',
    to: 'versions',
    views: OF_A_JOB,
    group: 'Go to',
  },
  {
    action: 'server',
    keys: ['S'],
    label: 'The server of the job',
    views: OF_A_JOB.filter((view) => view !== 'server'),
    group: 'Go to',
  },
  { action: 'servers', keys: ['w'], label: 'All servers', hint: 'servers', to: 'servers', group: 'Go to' },
  { action: 'alerts', keys: ['A'], label: 'Alerts', hint: 'alerts', to: 'alerts', group: 'Go to' },
  { action: 'outbox', keys: ['B'], label: 'Messages: waiting, sent, failed', group: 'Go to' },
  {
    action: 'jobSettings',
    keys: ['E'],
    label: 'Settings of the job: monitoring and messages',
    views: OF_A_JOB,
    group: 'Go to',
  },
  {
    action: 'inherit',
    keys: ['I'],
    label: 'Take back what was set for the job alone',
    hint: 'inherit',
    views: ['jobSettings'],
    group: 'Do',
  },
  { action: 'settings', keys: [','], label: 'Settings', group: 'Go to' },
  { action: 'log', keys: ['D'], label: 'Log of the daemon', group: 'Go to' },
  {
    action: 'qr',
    keys: ['n'],
    label: 'QR code of the ntfy topic',
    views: ['jobs', 'server', 'job', 'servers', 'alerts', 'outbox', 'settings'],
    group: 'Go to',
  },

  {
    action: 'collect',
    keys: ['c'],
    label: 'Collect from the selected server',
    hint: 'collect',
    views: [...OF_A_JOB, 'servers', 'test'],
    group: 'Do',
  },
  { action: 'collectAll', keys: ['C'], label: 'Collect from all servers', group: 'Do' },
  {
    action: 'cancel',
    keys: ['x'],
    label: 'Stop collecting',
    hint: 'stop',
    views: ['collect'],
    when: isCollecting,
    group: 'Do',
  },
  {
    action: 'test',
    keys: ['T'],
    label: 'Test the connection to the selected server',
    hint: 'test',
    views: ['servers', 'server', 'test'],
    group: 'Do',
  },
  {
    action: 'open',
    keys: ['o'],
    label: "Open Duplicati's interface in the browser",
    hint: 'browser',
    views: [...OF_A_JOB, 'servers', 'test'],
    group: 'Do',
  },
  {
    action: 'openLegacy',
    keys: ['O'],
    label: "Open Duplicati's old interface (/ngax)",
    views: [...OF_A_JOB, 'servers', 'test'],
    group: 'Do',
  },
  {
    action: 'snooze',
    keys: ['z'],
    label: 'Snooze the alerts of a job, or wake them',
    hint: 'snooze',
    views: OF_A_JOB,
    group: 'Do',
  },

  { action: 'refresh', keys: ['r'], label: 'Read the database now', group: 'Program' },
  { action: 'auto', keys: ['a'], label: 'Follow the database, or stand still', group: 'Program' },
  { action: 'help', keys: ['?'], label: 'All keys', hint: 'help', group: 'Program' },
  { action: 'quit', keys: ['q'], label: 'Quit (Ctrl-C too)', hint: 'quit', group: 'Program' },
]

/** What a key does now; null where it does nothing. */
export function bindingOf(key: Key, state: State): Binding | null {
  const [{ name }] = state.views
  return BINDINGS.find((binding) => binding.keys.includes(key) && isIn(binding, name) && holds(binding, state)) ?? null
}

/** All that works in a view now. */
export function bindingsOf(state: State): Binding[] {
  const [{ name }] = state.views
  return BINDINGS.filter((binding) => isIn(binding, name) && holds(binding, state))
}

function isIn({ views }: Binding, view: ViewName): boolean {
  return views === undefined || views.includes(view)
}

function holds({ when }: Binding, state: State): boolean {
  return when === undefined || when(state)
}

/** How a key is written for people. */
export function keyLabel(key: Key): string {
  return LABELS[key] ?? key.replace(/^ctrl-(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`)
}

const LABELS: Record<Key, string> = {
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  enter: 'Enter',
  esc: 'Esc',
  tab: 'Tab',
  space: 'Space',
  backspace: 'Backspace',
}
