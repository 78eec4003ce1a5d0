import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from './support/program.ts'

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/*.md', { cwd: ROOT })]
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
/** As GitHub makes anchors of headings. */
const anchors = (page: string) =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

it.each(pages)('%s links to what is there', (page) => {
  for (const [, link = ''] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(link)) continue
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? page : normalize(join(dirname(page), path))
    expect(existsSync(join(ROOT, target)), `${link} of ${page}`).toBe(true)
    if (anchor) expect(anchors(target), `${link} of ${page}`).toContain(anchor)
  }
})

it('is there where sources name a page', () => {
  const sources = globSync('{src,commands,bin}/**/*.{ts,tsx,js}', { cwd: ROOT })
  const named = new Set(sources.flatMap((file) => read(file).match(/\bdocs\/[a-z-]+\.md\b/g) ?? []))
  expect([...named].filter((page) => !existsSync(join(ROOT, page)))).toEqual([])
})
