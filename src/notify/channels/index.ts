import type { Channels } from '../types.ts'
import { email } from './email/index.ts'
import { ntfy } from './ntfy/index.ts'

/** Every channel there is; what they need is loaded when one is opened. */
export const channels: Channels = { ntfy, email }
