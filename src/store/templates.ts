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

/** Keeps an edited template in place of the built-in one. It has been checked. */
export async function saveTemplate(
  db: Db,
  { kind, language }: TemplateName,
  { title, message, priority, tags }: StoredTemplate,
  now: number,
): Promise<void> {
  const texts = { title, message, priority, tags, changed_at: now }
  await db
    .insertInto('template')
    .values({ kind, language, ...texts })
    .onConflict((conflict) => conflict.columns(['kind', 'language']).doUpdateSet(texts))
    .execute()
}

/** Returns to the built-in text. @returns whether there was another */
export async function resetTemplate(db: Db, { kind, language }: TemplateName): Promise<boolean> {
  const result = await db
    .deleteFrom('template')
    .where('kind', '=', kind)
    .where('language', '=', language)
    .executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}
