/** A template as a text that people edit: a few headers, an empty line, the message. */
import { UserError } from '../errors.ts'
import type { Template, TemplateKind } from '../i18n/types.ts'
import { VARIABLES } from './variables.ts'

const HEADERS = { Title: 'title', Priority: 'priority', Tags: 'tags' } as const
type Header = keyof typeof HEADERS

/** The text of a template; `readTemplate` reads it back. */
export function writeTemplate({ title, message, priority, tags }: Template): string {
  return `Title: ${title}\nPriority: ${priority}\nTags: ${tags}\n\n${message}\n`
}

/** The same for an editor, with what may be written in it. */
export function draftOf(kind: TemplateKind, template: Template): string {
  const names = VARIABLES[kind].map((name) => `{${name}}`)
  const help = [
    `The ${kind} template: headers, an empty line, the message. Lines with # before the empty line do not count.`,
    'Priority: max, urgent, high, default, low, min. Tags are separated by commas.',
    ...inLines(`Variables: ${names.join(' ')}`, 100),
  ]
  return `${help.map((line) => `# ${line}`).join('\n')}\n${writeTemplate(template)}`
}

/**
 * @throws UserError `bad_template` where the headers are not as they should be; what they say is judged by `checkTemplate`
 */
export function readTemplate(text: string): Template {
  const lines = text
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n')
  const found: Partial<Record<(typeof HEADERS)[Header], string>> = {}
  let at = 0
  for (; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line.startsWith('#')) continue
    if (line.trim() === '') {
      if (Object.keys(found).length > 0) break
      continue
    }
    const [, name = '', value = ''] = /^([A-Za-z]+):(.*)$/.exec(line) ?? []
    const header = (Object.keys(HEADERS) as Header[]).find((known) => known.toLowerCase() === name.toLowerCase())
    if (header === undefined) throw unreadable(`line ${at + 1} is none of ${Object.keys(HEADERS).join(', ')}`)
    if (HEADERS[header] in found) throw unreadable(`${header} is there twice`)
    found[HEADERS[header]] = value.trim()
  }
  if (found.title === undefined) throw unreadable('there is no Title')
  const message = lines.slice(at).join('\n').trim()
  return { title: found.title, message, priority: found.priority ?? 'default', tags: found.tags ?? '' }
}

function unreadable(why: string): UserError {
  return new UserError(`This is no template: ${why}`, {
    code: 'bad_template',
    hint: 'Write "Title: …", "Priority: …", "Tags: …", an empty line, then the message: duplistatus template show KIND prints one.',
  })
}

function inLines(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
