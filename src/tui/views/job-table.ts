/** Jobs as rows, in the columns of `status`. */
import type { JobView } from '../../fleet/model.ts'
import { clean } from '../../output/escape.ts'
import { DEFAULT_COLUMNS, statusColumns } from '../../output/status-columns.ts'
import type { Column } from '../../output/table.ts'
import { cut, displayWidth } from '../../output/width.ts'
import { memo } from '../memo.ts'
import type { Snapshot } from '../model.ts'
import type { JobLine } from '../select.ts'
import { drawHead, drawRow, fitColumns, type Sized } from '../table.ts'
import { optionsOf, type Scene, windowOf } from './view.ts'

/** What the columns of figures need, whatever stands in them: they stay where they are while one scrolls and ages grow. */
const WIDTHS: Record<string, number> = {
  status: 32,
  last: 10,
  next: 14,
  age: 7,
  duration: 9,
  files: 9,
  size: 9,
  storage: 9,
  uploaded: 9,
  versions: 5,
  issues: 6,
  recent: 10,
}
const MOST_NAME = 40
/** `paused until 05:07`, and a mark where more follows, is worth more than another column of figures. */
const LEAST_STATUS = 21

const namesOf = memo(({ jobs }: Snapshot) => ({
  server: widestOf(jobs, ({ server }) => server.name),
  job: widestOf(jobs, ({ name }) => name),
}))

function widestOf(jobs: readonly JobView[], text: (job: JobView) => string): number {
  return Math.min(
    MOST_NAME,
    jobs.reduce((most, job) => Math.max(most, displayWidth(clean(text(job)))), 0),
  )
}

/** Titles and the rows from `top` on, as many as `rows` leaves room for. On a server's own page its name is left out. */
export function drawJobTable(
  scene: Scene,
  lines: readonly JobLine[],
  size: { columns: number; rows: number },
  withServer: boolean,
): string[] {
  const { state, view, env } = scene
  if (!state.snapshot) return []
  const sized = columnsOf(scene, state.snapshot, size.columns, withServer)
  const rows = windowOf(lines, view.top, size.rows - HEAD).map((line) =>
    'job' in line
      ? drawRow(sized, line.job, env.look, line.job.id === view.selected, size.columns)
      : headline(line, scene, size.columns),
  )
  const rule = env.look.palette.dim(env.look.symbols.rule.repeat(size.columns))
  return [drawHead(sized, env.look), rule, ...rows]
}

/** Lines above the rows. */
export const HEAD = 2

function columnsOf(scene: Scene, snapshot: Snapshot, width: number, withServer: boolean): Sized<JobView>[] {
  const keys = withServer ? DEFAULT_COLUMNS : DEFAULT_COLUMNS.filter((key) => key !== 'server')
  const columns = statusColumns(keys, optionsOf(scene, width), snapshot.servers).map((column) =>
    column.key === 'status' ? { ...column, min: LEAST_STATUS } : column,
  )
  const names = namesOf(snapshot)
  const natural = ({ key }: Column<JobView>) => (key === 'server' || key === 'job' ? names[key] : (WIDTHS[key] ?? 10))
  return fitColumns(columns, natural, width)
}

function headline({ group, count }: { group: string; count: number }, { env }: Scene, width: number): string {
  return env.look.palette.bold(cut(`${group} (${count})`, width, env.look.symbols.ellipsis))
}
