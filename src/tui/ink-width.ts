/**
 * What the bundle gives Ink in place of its `string-width` (esbuild.config.js): the measure by which the lines were cut, so that both
 * agree on every character, and one that knows our alphabets without Unicode's tables (half of a first frame otherwise).
 */
import { displayWidth } from '../output/width.ts'
import { unpainted } from './env.ts'

export default function stringWidth(text: string): number {
  return displayWidth(unpainted(text))
}
