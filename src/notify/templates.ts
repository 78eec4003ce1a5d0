import { UserError } from '../errors.ts'
import { TEMPLATE_KINDS, type Template, type TemplateKind } from '../i18n/types.ts'
import { clean } from '../output/escape.ts'
import { VARIABLES } from './variables.ts'

/** A variable as people write it. Other braces are text. */
const VARIABLE = /\{([A-Za-z][A-Za-z0-9_]*)\}/g
/** A template is a few lines; more is something else. */
const LONGEST = { title: 500, message: 20_000, priority: 20, tags: 500 } as const
const MOST_TAGS = 20
const PRIORITIES: Readonly<Record<string, number>> = { min: 1, low: 2, default: 3, high: 4, urgent: 5, max: 5 }

/** Replaces each `{name}` that has a value, once: braces in a value stay as they are. What has none stays as it is written. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(VARIABLE, (written, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : written,
  )
}

/** The variables that a text names, each once. */
export function variablesIn(text: string): string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map(([, name = '']) => name))]
}

/**
 * What a person wrote, without white space around it.
 * @throws UserError `unknown_variable` naming it, or `bad_template` saying what is wrong
 */
export function checkTemplate(kind: TemplateKind, template: Template): Template {
  const trimmed = {
    title: clean(template.title.trim(), { newlines: true }),
    message: clean(template.message, { newlines: true }).trim(),
    priority: template.priority.trim().toLowerCase(),
    tags: tagsOf(template.tags).join(', '),
  }
  for (const part of ['title', 'message'] as const) {
    if (trimmed[part] === '')
      throw bad(kind, `the ${part} is empty`, `Write a ${part}, or: duplistatus template reset ${kind}`)
  }
  for (const [part, most] of Object.entries(LONGEST)) {
    const length = trimmed[part as keyof Template].length
    if (length > most) throw bad(kind, `the ${part} has ${length} characters, and at most ${most} go into it`)
  }
  if (/\n/.test(trimmed.title)) throw bad(kind, 'the title has more than one line')
  if (priorityOf(trimmed.priority) === null) {
    throw bad(
      kind,
      `${JSON.stringify(trimmed.priority)} is no priority`,
      `Use max, urgent, high, default, low, min, or 1 to 5.`,
    )
  }
  if (tagsOf(trimmed.tags).length > MOST_TAGS) throw bad(kind, `more than ${MOST_TAGS} tags`)
  refuseSlips(kind, trimmed)
  refuseUnknown(kind, trimmed)
  return trimmed
}

/** What is no variable by a slip of the pen: `{ backup_name }`, `{backup-name}`. */
const SLIP = /\{\s*([A-Za-z]\w*(?:[- ]\w+)*)\s*\}/g

/** @throws UserError `unknown_variable` */
function refuseSlips(kind: TemplateKind, template: Template): void {
  const known: readonly string[] = TEMPLATE_KINDS.flatMap((each) => VARIABLES[each])
  for (const part of ['title', 'message', 'tags'] as const) {
    for (const [written, name = ''] of template[part].matchAll(SLIP)) {
      const meant = name.replace(/[- ]/g, '_').toLowerCase()
      if (written === `{${meant}}` || !known.includes(meant)) continue
      throw new UserError(`${written} in the ${part} of the ${kind} template is no variable`, {
        code: 'unknown_variable',
        hint: `Write {${meant}}.`,
      })
    }
  }
}

function refuseUnknown(kind: TemplateKind, template: Template): void {
  const known: readonly string[] = VARIABLES[kind]
  for (const part of ['title', 'message', 'priority', 'tags'] as const) {
    const unknown = variablesIn(template[part]).find((name) => part === 'priority' || !known.includes(name))
    if (unknown === undefined) continue
    const others = TEMPLATE_KINDS.filter((other) => (VARIABLES[other] as readonly string[]).includes(unknown))
    throw new UserError(`{${unknown}} in the ${part} of the ${kind} template is no variable that it has`, {
      code: 'unknown_variable',
      hint:
        others.length > 0
          ? `Only these have it: ${others.join(', ')}. The ${kind} template has: ${known.join(', ')}.`
          : `It has: ${known.join(', ')}.`,
    })
  }
}

/** 1 to 5 by ntfy's words or numbers; null for anything else. */
export function priorityOf(text: string): number | null {
  const word = text.trim().toLowerCase()
  if (/^[1-5]$/.test(word)) return Number(word)
  return Object.hasOwn(PRIORITIES, word) ? (PRIORITIES[word] ?? null) : null
}

export function tagsOf(text: string): string[] {
  return text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}

function bad(kind: TemplateKind, why: string, hint: string | null = null): UserError {
  return new UserError(`The ${kind} template can't be saved: ${why}`, { code: 'bad_template', hint })
}
