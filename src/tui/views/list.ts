import type { Column } from '../../output/table.ts'
import { drawHead, drawRow, fitColumns, widest } from '../table.ts'
import { DETAIL_ROWS, withDetail } from './detail.ts'
import { listShape, pending, remark, type Scene, type ViewModule, windowOf } from './view.ts'

export interface ListOptions<Row> {
  /** What has to be read for it; until that is there the view says so. */
  key(scene: Scene): string
  rows(scene: Scene): readonly Row[] | null
  id(row: Row, scene: Scene): string
  columns(scene: Scene): Column<Row>[]
  /** What the columns cut of the selected row, in full below the list. */
  detail?(row: Row): string
  /** What is said where there are no rows. */
  empty(scene: Scene): string
  about?(scene: Scene): string
}

/** Title and rule. */
const HEAD = 2

/** A view that is one table of rows that were read: at most some hundreds. */
export function listView<Row>(options: ListOptions<Row>): ViewModule {
  const { key, rows, id, columns, detail, empty, about } = options
  const roomOf = ({ layout }: Scene) => Math.max(1, layout.bodyRows - HEAD - (detail ? DETAIL_ROWS : 0))
  return {
    needs: (scene) => [key(scene)],
    shape(scene) {
      const ids = (rows(scene) ?? []).map((row) => id(row, scene))
      return listShape(ids, roomOf(scene))
    },
    draw(scene) {
      const { env, view, layout } = scene
      const all = rows(scene)
      if (!all) return pending(scene, key(scene), layout.columns)
      if (all.length === 0) return remark(scene, empty(scene), layout.columns)
      const sized = fitColumns(columns(scene), widest(all), layout.columns)
      const list = [
        drawHead(sized, env.look),
        env.look.palette.dim(env.look.symbols.rule.repeat(layout.columns)),
        ...windowOf(all, view.top, roomOf(scene)).map((row) =>
          drawRow(sized, row, env.look, id(row, scene) === view.selected, layout.columns),
        ),
      ]
      if (!detail) return list
      const selected = all.find((row) => id(row, scene) === view.selected)
      return withDetail(scene, list, selected === undefined ? '' : detail(selected))
    },
    about: about ?? ((scene) => String(rows(scene)?.length ?? '')),
  }
}
