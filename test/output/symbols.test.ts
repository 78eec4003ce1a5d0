import { expect, it } from 'vitest'
import { createLook } from '../../src/output/look.ts'
import { displayWidth } from '../../src/output/width.ts'

// In a file of its own: nothing has loaded what measures exactly.
it('takes each symbol of ours for as wide as it is, also without measuring it exactly', () => {
  const { symbols } = createLook({ color: false, unicode: true })
  const all = Object.values(symbols).flatMap((one) => (typeof one === 'string' ? [one] : Object.values<string>(one)))
  for (const symbol of all) expect([symbol, displayWidth(symbol)]).toEqual([symbol, [...symbol].length])
})
