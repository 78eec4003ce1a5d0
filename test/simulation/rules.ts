/** Who is to be told of what: written down case by case, beside the program's own rules. */
import type { Destination, Globals } from '../../src/fleet/rules.ts'
import type { SettingChanges } from '../../src/store/types.ts'

const TOPIC: Destination = { channel: 'ntfy', destination: 'main' }
const MAIL: Destination = { channel: 'email', destination: 'admin@example.org' }
const CUSTOMER: Destination = { channel: 'email', destination: 'customer@example.org' }
const EXTRA: Destination = { channel: 'ntfy', destination: 'extra' }

export const GLOBALS: Globals = {
  ntfy: { configured: true, topic: 'main' },
  email: { configured: true, to: ['admin@example.org'] },
}

type Status = 'Success' | 'Warning' | 'Error' | 'Fatal'

export interface Profile {
  name: string
  set: SettingChanges['set']
  runs: Record<Status, Destination[]>
  alerts: Destination[]
}

const BOTH = [TOPIC, MAIL]

export const PROFILES: Profile[] = [
  { name: 'default', set: {}, runs: { Success: [], Warning: BOTH, Error: BOTH, Fatal: BOTH }, alerts: BOTH },
  {
    name: 'all runs',
    set: { notificationEvent: 'all' },
    runs: { Success: BOTH, Warning: BOTH, Error: BOTH, Fatal: BOTH },
    alerts: BOTH,
  },
  {
    name: 'errors, and all to the customer',
    set: {
      ...{ notificationEvent: 'errors', additionalNotificationEvent: 'all' },
      additionalEmails: ['customer@example.org'],
    },
    runs: { Success: [CUSTOMER], Warning: [CUSTOMER], Error: [...BOTH, CUSTOMER], Fatal: [...BOTH, CUSTOMER] },
    alerts: [...BOTH, CUSTOMER],
  },
  {
    name: 'off, but errors to a topic',
    set: { notificationEvent: 'off', additionalNotificationEvent: 'errors', additionalNtfyTopic: 'extra' },
    runs: { Success: [], Warning: [], Error: [EXTRA], Fatal: [EXTRA] },
    alerts: [...BOTH, EXTRA],
  },
  {
    name: 'without ntfy',
    set: { ntfyEnabled: false },
    runs: { Success: [], Warning: [MAIL], Error: [MAIL], Fatal: [MAIL] },
    alerts: [MAIL],
  },
  {
    name: 'no runs',
    set: { notificationEvent: 'off' },
    runs: { Success: [], Warning: [], Error: [], Fatal: [] },
    alerts: BOTH,
  },
]

/** What holds for a server as a whole, since no server has defaults of its own here. */
export const SERVER_ALERTS = BOTH
