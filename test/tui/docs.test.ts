import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BINDINGS, keyLabel } from '../../src/tui/keymap.ts'
import { ROOT } from '../support/program.ts'

const page = readFileSync(join(ROOT, 'docs/tui.md'), 'utf8')

describe('docs/tui.md', () => {
  it('has every key (npm run docs writes them)', () => {
    for (const { keys, label } of BINDINGS) {
      expect(page).toContain(`| ${keys.map((key) => `\`${keyLabel(key)}\``).join(' ')} | ${label} |`)
    }
  })

  it('shows pictures that are there', () => {
    for (const [, file = ''] of page.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) {
      expect(readFileSync(join(ROOT, 'docs', file), 'utf8')).toMatch(/^<svg /)
    }
  })
})
