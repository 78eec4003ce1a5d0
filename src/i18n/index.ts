import type { Language, Texts } from './types.ts'

/** One file a language, loaded when it is asked for. */
const LOADERS: Readonly<Record<Language, () => Promise<{ texts: Texts }>>> = {
  en: () => import('./en.ts'),
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
  es: () => import('./es.ts'),
  'pt-BR': () => import('./pt-br.ts'),
  'hi-Latn': () => import('./hi-latn.ts'),
  'zh-CN': () => import('./zh-cn.ts'),
}

export async function textsOf(language: Language): Promise<Texts> {
  return (await LOADERS[language]()).texts
}
