import { record } from './audit.ts'
import type { Db, TemplateTable } from './schema.ts'

type Kind = TemplateTable['kind']

export interface StoredTemplate {
  title: string
  message: string
  priority: string
  tags: string
}

/** The templates of a language that somebody edited. */
export async function storedTemplates(db: Db, language: string): Promise<Partial<Record<Kind, StoredTemplate>>> {
  const rows = await db.selectFrom('template').where('language', '=', language).selectAll().execute()
  return Object.fromEntries(
    rows.map(({ kind, title, message, priority, tags }) => [kind, { title, message, priority, tags }]),
  )
}

/** Which templates somebody edited, and when (milliseconds). */
export async function editedTemplates(db: Db): Promise<{ kind: Kind; language: string; changedAt: number }[]> {
  const rows = await db
    .selectFrom('template')
    .select(['kind', 'language', 'changed_at'])
    .orderBy('language')
    .orderBy('kind')
    .execute()
  return rows.map(({ kind, language, changed_at }) => ({ kind, language, changedAt: changed_at }))
}

export interface TemplateName {
  kind: Kind
  language: string
}

/** Keeps an edited template in place of the one before. It has been checked. */
export async function changeTemplate(
  tx: Db,
  { kind, language, ...before }: TemplateName & StoredTemplate,
  after: StoredTemplate,
  now: number,
): Promise<void> {
  await saveTemplate(tx, { kind, language }, after, now)
  await recordChange(tx, now, 'template.edit', { kind, language, before: textsOf(before), after: textsOf(after) })
}

/** Keeps a template without a word in the audit log: for an import, which has its own. */
export async function saveTemplate(
  tx: Db,
  { kind, language }: TemplateName,
  template: StoredTemplate,
  now: number,
): Promise<void> {
  const texts = { ...textsOf(template), changed_at: now }
  await tx
    .insertInto('template')
    .values({ kind, language, ...texts })
    .onConflict((conflict) => conflict.columns(['kind', 'language']).doUpdateSet(texts))
    .execute()
}

/** Returns to the built-in text. @returns whether there was another */
export async function resetTemplate(tx: Db, { kind, language }: TemplateName, now: number): Promise<boolean> {
  const gone = await tx
    .deleteFrom('template')
    .where('kind', '=', kind)
    .where('language', '=', language)
    .returning(['title', 'message', 'priority', 'tags'])
    .executeTakeFirst()
  if (gone === undefined) return false
  await recordChange(tx, now, 'template.reset', { kind, language, before: gone })
  return true
}

function textsOf({ title, message, priority, tags }: StoredTemplate): StoredTemplate {
  return { title, message, priority, tags }
}

function recordChange(tx: Db, now: number, action: string, data: object): Promise<void> {
  return record(tx, now, { action, serverId: null, reason: null, data })
}
