/** The ntfy topic as a code to scan with a phone. */
import { clean } from '../../output/escape.ts'
import { cut } from '../../output/width.ts'
import { pageView } from './page.ts'
import { loaded, type Scene } from './view.ts'

/** Null where no topic is set yet. */
export interface Topic {
  url: string
  link: string
  /** Rows of dark (true) and light modules. */
  modules: boolean[][]
}

export const qrView = pageView({
  key: () => 'qr',
  lines(scene, width) {
    const found = loaded<{ topic: Topic | null }>(scene, 'qr')?.value
    if (!found) return null
    const { palette } = scene.env.look
    if (!found.topic) {
      return [
        '',
        '  No ntfy topic is set. Messages to a phone need one.',
        '',
        `  ${palette.bold('Enter')} makes a topic that nobody guesses, and keeps it.`,
      ]
    }
    return topicLines(found.topic, scene, width)
  },
})

function topicLines({ url, link, modules }: Topic, scene: Scene, width: number): string[] {
  const { symbols } = scene.env.look
  const texts = [`Topic: ${clean(url)}`, `In the Android app: ${clean(link)}`].map((text) =>
    cut(text, width, symbols.ellipsis),
  )
  const code = symbols.rule === '─' ? halves(modules) : []
  const fits =
    code.length > 0 && code.length + texts.length <= scene.layout.bodyRows && modules.length + 2 * QUIET <= width
  if (fits) return [...code, ...texts]
  return [
    ...texts,
    '',
    code.length === 0
      ? 'This terminal can not draw the code.'
      : `The code needs ${code.length + texts.length + 3} rows.`,
  ]
}

/** Light modules around the code, without which scanners do not find it. */
const QUIET = 2

/** Two modules a character, black on white whatever the terminal's colours are. */
function halves(modules: boolean[][]): string[] {
  const size = modules.length + 2 * QUIET
  const dark = (x: number, y: number) => modules[y - QUIET]?.[x - QUIET] === true
  return Array.from({ length: Math.ceil(size / 2) }, (_, row) => {
    const marks = Array.from({ length: size }, (_, x) => {
      const [upper, lower] = [dark(x, row * 2), dark(x, row * 2 + 1)]
      return upper ? (lower ? '█' : '▀') : lower ? '▄' : ' '
    })
    return `\u001b[30;107m${marks.join('')}\u001b[39;49m`
  })
}
