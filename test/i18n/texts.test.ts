import { describe, expect, it } from 'vitest'
import { textsOf } from '../../src/i18n/index.ts'
import { LANGUAGES, TEMPLATE_KINDS, type Texts } from '../../src/i18n/types.ts'
import { checkTemplate, variablesIn } from '../../src/notify/templates.ts'

/** What the texts that are not templates may name. */
const FIXED = {
  unreachable: ['server', 'since', 'reason', 'jobs'],
  reachable: ['server', 'duration'],
  storm: ['count', 'list'],
  calm: ['count', 'list'],
  test: [],
} as const

/** Every text with where it stands. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]]
  return Object.entries(value as object).flatMap(([name, part]) => leaves(part, path === '' ? name : `${path}.${name}`))
}

const english = await textsOf('en')

describe.each(LANGUAGES)('%s', async (language) => {
  const texts: Texts = await textsOf(language)

  it.each(TEMPLATE_KINDS)('has a %s template that could be saved', (kind) => {
    expect(checkTemplate(kind, texts.templates[kind])).toEqual(texts.templates[kind])
  })

  it.each(TEMPLATE_KINDS)('tells in its %s template what the English one tells', (kind) => {
    for (const part of ['title', 'message'] as const) {
      expect(variablesIn(texts.templates[kind][part]).sort()).toEqual(variablesIn(english.templates[kind][part]).sort())
    }
    expect(texts.templates[kind].priority).toBe(english.templates[kind].priority)
    expect(texts.templates[kind].tags).toBe(english.templates[kind].tags)
  })

  it('has every text that English has, none empty and none in English', () => {
    const own = leaves(texts)
    expect(own.map(([path]) => path)).toEqual(leaves(english).map(([path]) => path))
    for (const [path, text] of own) expect(text.trim(), path).not.toBe('')
    if (language === 'en') return
    const same = own.filter(([path, text]) => text === leaves(english).find(([other]) => other === path)?.[1])
    // Words that are spelt alike in both.
    const paths = same.map(([path]) => path).filter((path) => !/priority|tags|statuses\.Error/.test(path))
    expect(paths).toEqual([])
  })

  it('names only what there is in its other texts', () => {
    for (const [name, known] of Object.entries(FIXED)) {
      const { title, message } = texts[name as keyof typeof FIXED]
      for (const variable of variablesIn(`${title} ${message}`)) expect(known).toContain(variable)
    }
    expect(variablesIn(texts.tooOld).sort()).toEqual(variablesIn(english.tooOld).sort())
    expect(checkTemplate('overdue', { ...texts.templates.overdue, message: texts.tooOld })).toBeTruthy()
    for (const text of [texts.omitted, texts.more]) expect(variablesIn(text)).toEqual(['count'])
  })

  it('has titles that fit a lock screen', () => {
    for (const kind of TEMPLATE_KINDS) {
      const words = texts.templates[kind].title.replace(/\{\w+\}/g, '')
      expect(words.length, texts.templates[kind].title).toBeLessThanOrEqual(45)
    }
  })
})
