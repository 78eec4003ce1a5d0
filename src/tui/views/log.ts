/** The log of the daemon, where it can be read. */
import { clean } from '../../output/escape.ts'
import { wrap } from '../../output/width.ts'
import { pageView } from './page.ts'
import { loaded, remark } from './view.ts'

export const logView = pageView({
  key: () => 'log',
  lines(scene, width) {
    const found = loaded<{ lines: string[] | null }>(scene, 'log')?.value
    if (!found) return null
    if (!found.lines) {
      return remark(
        scene,
        'The daemon writes its log to where it was started: journalctl --unit duplistatus, or its terminal.',
        width,
      )
    }
    return found.lines.flatMap((line) => wrap(clean(line), width - 1))
  },
})
