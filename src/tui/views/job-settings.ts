/** What is set for a job: monitoring, messages, and where each comes from. */
import {
  effectiveSettings,
  type JobSettings,
  NOTIFICATION_EVENTS,
  type NotificationEvent,
  type SettingField,
} from '../../fleet/rules.ts'
import { clean } from '../../output/escape.ts'
import { NAMED_FIELDS, SETTING_HELP, SETTING_NAMES, settingSources, settingWords } from '../../output/job-settings.ts'
import type { SettingLayers } from '../../store/types.ts'
import { formatAt } from '../env.ts'
import { listView } from './list.ts'
import { jobOf, loaded, type Scene } from './view.ts'

interface FieldRow {
  field: SettingField
  words: string
  source: 'job' | 'server' | 'default'
}

export const jobSettingsView = listView<FieldRow>({
  key: keyOf,
  rows(scene) {
    const layers = layersOf(scene)
    if (!layers) return null
    const format = formatAt(scene.env, scene.state)
    const sources = settingSources(effectiveSettings(layers.own, layers.server), layers.own, layers.server)
    return NAMED_FIELDS.map((field) => ({
      field,
      words: clean(settingWords(field, sources[field].value, format)),
      source: sources[field].source,
    }))
  },
  id: ({ field }) => field,
  columns: ({ env }) => [
    { key: 'field', title: 'Setting', drop: null, cell: ({ field }) => SETTING_NAMES[field] },
    { key: 'value', title: 'Value', drop: null, min: 12, soft: 40, cell: ({ words }) => words },
    {
      key: 'source',
      title: 'From',
      drop: 0,
      cell: ({ source }) => ({
        text: source === 'default' ? 'default' : `the ${source}`,
        ...(source === 'job' ? {} : { paint: env.look.palette.dim }),
      }),
    },
  ],
  detail: ({ field }) => `${SETTING_HELP[field]}; I goes back to what is inherited`,
  empty: () => 'Nothing can be set.',
  about(scene) {
    const job = jobOf(scene, scene.view.id)
    return job ? `${clean(job.server.name)}/${clean(job.name)}` : 'gone'
  },
})

function keyOf({ view }: Pick<Scene, 'view'>): string {
  return `jobSettings:${view.id}`
}

export function layersOf(scene: Pick<Scene, 'state' | 'view'>): SettingLayers | null {
  return loaded<SettingLayers>(scene, keyOf(scene))?.value ?? null
}

const SWITCHES: readonly SettingField[] = ['monitored', 'ntfyEnabled', 'emailEnabled']
const EVENTS: readonly SettingField[] = ['notificationEvent', 'additionalNotificationEvent']

/** The next value of a switch or of a choice; null for what has to be typed. */
export function nextValue(field: SettingField, layers: SettingLayers): JobSettings | null {
  const { [field]: now } = effectiveSettings(layers.own, layers.server)
  if (SWITCHES.includes(field)) return { [field]: !now }
  if (!EVENTS.includes(field)) return null
  const at = NOTIFICATION_EVENTS.indexOf(now as NotificationEvent)
  return { [field]: NOTIFICATION_EVENTS[(at + 1) % NOTIFICATION_EVENTS.length] }
}
