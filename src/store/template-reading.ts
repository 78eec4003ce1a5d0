import type { Db } from './schema.ts'
import { editedTemplates, storedTemplates } from './templates.ts'

export interface TemplateReading {
  /** Which were edited, and when (milliseconds). */
  edited(): ReturnType<typeof editedTemplates>
  /** The edited ones of a language. */
  stored(language: string): ReturnType<typeof storedTemplates>
}

export function templateReading(db: Db): TemplateReading {
  return { edited: () => editedTemplates(db), stored: (language) => storedTemplates(db, language) }
}
