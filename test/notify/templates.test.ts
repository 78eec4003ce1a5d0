import { describe, expect, it } from 'vitest'
import { TEMPLATE_KINDS, type Template } from '../../src/i18n/types.ts'
import { draftOf, readTemplate, writeTemplate } from '../../src/notify/template-text.ts'
import { checkTemplate, fill, priorityOf, tagsOf, variablesIn } from '../../src/notify/templates.ts'
import { VARIABLES } from '../../src/notify/variables.ts'

const TEMPLATE: Template = { title: '{backup_name}', message: 'It is {status}.', priority: 'high', tags: 'warning' }

describe('a variable', () => {
  it('is replaced by its value, once, and nothing that is a value is read again', () => {
    const values = { backup_name: '{status} {log_text}', status: 'Error', log_text: '$& $1' }
    expect(fill('{backup_name}: {status} {log_text}', values)).toBe('{status} {log_text}: Error $& $1')
  })

  it('that nobody knows stays as it is written', () => {
    expect(fill('{nothing} {constructor} {__proto__} { status } {} {{status}}', { status: 'x' })).toBe(
      '{nothing} {constructor} {__proto__} { status } {} {x}',
    )
    expect(variablesIn('{a} {b} {a} {not this}')).toEqual(['a', 'b'])
  })
})

describe('a template that is saved', () => {
  it('keeps what was written, without white space around it', () => {
    const given = { title: '  {backup_name} ', message: 'one\r\ntwo\r\n\r\n', priority: ' HIGH ', tags: ' a ,, b ' }
    expect(checkTemplate('warning', given)).toEqual({
      title: '{backup_name}',
      message: 'one\ntwo',
      priority: 'high',
      tags: 'a, b',
    })
  })

  it.each(TEMPLATE_KINDS)('may name each variable of %s', (kind) => {
    const message = VARIABLES[kind].map((name) => `{${name}}`).join(' ')
    expect(checkTemplate(kind, { ...TEMPLATE, title: 'x', message }).message).toBe(message)
  })

  it('is refused with an unknown variable, naming it', () => {
    expect(() => checkTemplate('warning', { ...TEMPLATE, message: 'a {backup_nmae} b' })).toThrow(
      /\{backup_nmae\} in the message of the warning template/,
    )
    expect(() => checkTemplate('success', { ...TEMPLATE, title: '{expected_date}' })).toThrow(
      /\{expected_date\} in the title of the success template/,
    )
    expect(() => checkTemplate('warning', { ...TEMPLATE, tags: '{oops}' })).toThrow('{oops}')
  })

  it.each(['{ backup_name }', '{backup-name}', '{Backup Name}', '{BACKUP_NAME}'])(
    'is refused with %s, which is a slip of the pen',
    (slip) => {
      expect(() => checkTemplate('warning', { ...TEMPLATE, message: `of ${slip}` })).toThrow(slip)
      expect(checkTemplate('warning', { ...TEMPLATE, message: '{see below} { } {a-b}' }).message).toContain('{see')
    },
  )

  it('takes the variables of the web application, also those that mean nothing any more', () => {
    const message = 'Expected interval: {backup_interval_value}{backup_interval_type} / Tolerance: {overdue_tolerance}'
    expect(checkTemplate('overdue', { ...TEMPLATE, message }).message).toBe(message)
  })

  it.each([
    ['an empty title', { title: ' ' }],
    ['an empty message', { message: '\n' }],
    ['a title of two lines', { title: 'a\nb' }],
    ['a priority that is none', { priority: 'loud' }],
    ['a message without end', { message: 'x'.repeat(20_001) }],
    ['too many tags', { tags: Array.from({ length: 21 }, (_, index) => `t${index}`).join(',') }],
  ])('is refused with %s', (_what, wrong) => {
    expect(() => checkTemplate('warning', { ...TEMPLATE, ...wrong })).toThrow(/warning template can't be saved/)
  })
})

describe('priorities and tags', () => {
  it('are written as ntfy has them', () => {
    expect(['max', 'urgent', 'high', 'default', 'low', 'min', '1', '5', ' High '].map(priorityOf)).toEqual([
      5, 5, 4, 3, 2, 1, 1, 5, 4,
    ])
    expect(['', '0', '6', '3.5', 'constructor'].map(priorityOf)).toEqual([null, null, null, null, null])
    expect(tagsOf('duplicati, duplistatus, warning')).toEqual(['duplicati', 'duplistatus', 'warning'])
    expect(tagsOf('')).toEqual([])
  })
})

describe('a template as a text', () => {
  it('is read as it was written', () => {
    const template = { title: 'a: b', message: 'one\n\n# two\nTitle: three', priority: 'low', tags: 'x, y' }
    expect(readTemplate(writeTemplate(template))).toEqual(template)
    expect(readTemplate(draftOf('warning', template))).toEqual(template)
    expect(readTemplate('\ufeff\r\ntitle: x\r\n\r\nline\r\n')).toEqual({
      title: 'x',
      message: 'line',
      priority: 'default',
      tags: '',
    })
  })

  it.each([
    ['just a message', 'Hello'],
    ['a header twice', 'Title: a\nTitle: b\n\nx'],
    ['no title', 'Priority: low\n\nx'],
    ['another header', 'Title: a\nColour: red\n\nx'],
    ['nothing', ''],
  ])('is refused with %s', (_what, text) => {
    expect(() => readTemplate(text)).toThrow('This is no template')
  })

  it('tells an editor’s user all variables', () => {
    for (const kind of TEMPLATE_KINDS) {
      const draft = draftOf(kind, TEMPLATE)
      for (const name of VARIABLES[kind]) expect(draft).toContain(`{${name}}`)
    }
  })
})
