/** Settings: test messages, and every key of the settings file with what it is for. */
import type { SettingView } from '../../output/config-view.ts'
import { clean } from '../../output/escape.ts'
import { listView } from './list.ts'
import { loaded, type Scene } from './view.ts'

/** A setting, or something to be done about them. */
export type SettingRow = { id: string; name: string; value: string; about: string; setting: SettingView | null }

const ACTIONS: SettingRow[] = [
  { id: 'test ntfy', name: 'Test ntfy', value: 'Enter sends', about: 'a test message to the topic', setting: null },
  {
    id: 'test email',
    name: 'Test e-mail',
    value: 'Enter sends',
    about: 'a test message to the recipients',
    setting: null,
  },
]

export const settingsView = listView<SettingRow>({
  key: () => 'settings',
  rows: settingRows,
  id: ({ id }) => id,
  columns: ({ env }) => [
    { key: 'name', title: 'Setting', drop: null, cell: ({ name }) => name },
    {
      key: 'value',
      title: 'Value',
      drop: null,
      min: 12,
      soft: 30,
      cell: ({ value, setting }) => ({
        text: value,
        ...(setting?.problem
          ? { paint: env.look.palette.red }
          : setting?.isSet === false
            ? { paint: env.look.palette.dim }
            : {}),
      }),
    },
    { key: 'about', title: 'What for', drop: 0, min: 10, cell: ({ about }) => about },
  ],
  detail: ({ setting, value, about }) => (setting && !setting.secret ? `${value}: ${about}` : about),
  empty: () => 'There are no settings.',
})

export function settingRows(scene: Pick<Scene, 'state'>): SettingRow[] | null {
  const settings = loaded<SettingView[]>(scene, 'settings')?.value
  if (!settings) return null
  return [
    ...ACTIONS,
    ...settings.map((setting) => ({
      id: setting.key,
      name: setting.key,
      value: valueWords(setting),
      about: setting.problem ?? setting.about,
      setting,
    })),
  ]
}

function valueWords({ secret, isSet, value, default: fallback }: SettingView): string {
  if (secret) return isSet ? 'set' : 'not set'
  return clean(String(value ?? fallback ?? 'not set'))
}
