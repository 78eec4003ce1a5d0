import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { textsOf } from '../i18n/index.ts'
import { LANGUAGES, type Language, TEMPLATE_KINDS, type Template, type TemplateKind } from '../i18n/types.ts'
import type { Store } from '../store/types.ts'
import { BaseCommand } from './base-command.ts'
import { loadNotifyConfig } from './notify-config.ts'

/** A template as `--json` tells it (docs/json.md). */
export interface TemplateView extends Template {
  kind: TemplateKind
  language: Language
  /** Somebody wrote it in place of the built-in one. */
  edited: boolean
}

/** What the commands about templates share. */
export abstract class TemplateCommand extends BaseCommand {
  protected static languageFlag = Flags.option({
    options: LANGUAGES,
    description: 'language of the template (the configured one)',
    helpValue: 'LANGUAGE',
  })()
  protected static kindArg = Args.string({
    description: TEMPLATE_KINDS.join(', '),
    options: [...TEMPLATE_KINDS],
    required: true,
    ignoreStdin: true,
  })

  protected languageOf(flag: string | undefined): Language {
    return (flag as Language | undefined) ?? loadNotifyConfig(this.context).language
  }

  /** All templates of a language, as they are in force. */
  protected async templates(store: Store, language: Language): Promise<Record<TemplateKind, TemplateView>> {
    const [{ templates }, stored] = await Promise.all([textsOf(language), store.templates.stored(language)])
    const views = TEMPLATE_KINDS.map((kind) => {
      const own = stored[kind]
      return [kind, { kind, language, edited: own !== undefined, ...(own ?? templates[kind]) }]
    })
    return Object.fromEntries(views)
  }

  protected async template(store: Store, kind: string, language: Language): Promise<TemplateView> {
    return (await this.templates(store, language))[kind as TemplateKind]
  }
}
