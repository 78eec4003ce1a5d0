/** Whether a server can be reached: the steps to its API, up to the one that fails. */
import type { ServerTestView } from '../../fleet/model.ts'
import { clean } from '../../output/escape.ts'
import { pad, wrap } from '../../output/width.ts'
import { pageView } from './page.ts'
import { loaded, remark, type Scene, serverOf } from './view.ts'

export const testView = pageView({
  key: keyOf,
  lines(scene, width) {
    const found = loaded<ServerTestView>(scene, keyOf(scene))
    if (!found) return remark(scene, 'Asking the server', width)
    return found.value ? testLines(found.value, scene, width) : null
  },
  about: (scene) => clean(serverOf(scene, scene.view.id)?.name ?? ''),
})

function keyOf({ view }: Scene): string {
  return `test:${view.id}`
}

function testLines({ ok, steps, error }: ServerTestView, { env }: Scene, width: number): string[] {
  const { palette, symbols } = env.look
  const mark = (good: boolean) => (good ? palette.green(symbols.ok) : palette.red(symbols.bad))
  const reason = error && steps.every((step) => step.ok) ? error.message : null
  return [
    ok ? palette.green('The server answers, and lets us in.') : palette.red('The server can not be collected.'),
    '',
    ...steps.flatMap((step) => {
      const [first = '', ...rest] = wrap(`${clean(step.message)} (${step.seconds.toFixed(2)} s)`, width - 12)
      return [`  ${mark(step.ok)} ${pad(step.step, 6)}  ${first}`, ...rest.map((line) => `${' '.repeat(12)}${line}`)]
    }),
    ...(reason === null ? [] : wrap(clean(reason), width - 4).map((line) => `  ${palette.red(line)}`)),
    ...(error?.hint ? ['', ...wrap(`Try: ${clean(error.hint)}`, width - 2).map((line) => `  ${line}`)] : []),
    '',
    palette.dim('  T tests it again.'),
  ]
}
