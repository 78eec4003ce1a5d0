/** The collection that runs, or the last one: a line a server. */
import { clean, firstLine } from '../../output/escape.ts'
import { listed, plural } from '../../output/format.ts'
import { cut, displayWidth, pad, wrap } from '../../output/width.ts'
import type { CollectLine } from '../model.ts'
import { pageView } from './page.ts'
import { remark, type Scene } from './view.ts'

const BAR = 20
const LABEL = 24

export const collectView = pageView({
  key: () => null,
  lines(scene, width) {
    const { collecting } = scene.state
    if (!collecting || collecting.lines.length === 0) {
      const begins = collecting?.running ?? false
      return remark(scene, begins ? 'It begins' : 'Nothing was collected yet. C collects from all servers.', width)
    }
    const { palette } = scene.env.look
    const count = (state: CollectLine['state']) => collecting.lines.filter((line) => line.state === state).length
    const failed = count('failed')
    const verdict = collecting.running ? 'running, x stops it' : collecting.cancelled ? 'stopped' : 'done'
    const words = listed(verdict, failed === 0 ? '' : `${failed} failed`)
    const head = `${count('done') + failed} of ${plural(collecting.lines.length, 'server')}: ${words}`
    return [palette.bold(head), '', ...collecting.lines.flatMap((line) => serverLines(line, scene, width))]
  },
})

/** What a server has come to; a failure in full below it, where it does not fit beside it. */
function serverLines(line: CollectLine, { env }: Scene, width: number): string[] {
  const { palette, symbols } = env.look
  const [full, empty] = symbols.rule === '─' ? ['█', '░'] : ['#', '.']
  const share = line.state === 'done' ? 1 : line.jobs ? line.done / line.jobs : 0
  const filled = Math.round(share * BAR)
  const label = pad(cut(clean(line.label), LABEL, symbols.ellipsis), LABEL)
  const room = width - LABEL - BAR - 2
  const words = wordsOf(line)
  const isLong = line.state === 'failed' && displayWidth(words) > room
  const short = cut(isLong ? 'failed' : words, room, symbols.ellipsis)
  const paint = line.state === 'failed' ? palette.red : line.state === 'done' ? palette.green : String
  const bar = `${palette.blue(full.repeat(filled))}${palette.dim(empty.repeat(BAR - filled))}`
  const below = isLong ? wrap(words, width - 2).map((text) => `  ${paint(text)}`) : []
  return [`${label} ${bar} ${paint(short)}`, ...below]
}

function wordsOf({ state, jobs, done, rows, error }: CollectLine): string {
  if (state === 'waiting') return 'waiting'
  if (error !== null) return firstLine(error)
  const read = rows > 0 ? `, ${plural(rows, 'log row')}` : ''
  if (jobs === null) return state === 'done' ? 'done' : 'connecting'
  return `${state === 'done' ? jobs : done} of ${plural(jobs, 'job')}${read}`
}
