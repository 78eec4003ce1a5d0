import type { Channel } from '../../types.ts'
import { CONNECTIONS, openSmtp, TIMEOUT } from './send.ts'
import { validateSmtp } from './validate.ts'

export const email: Channel = {
  name: 'email',
  longest: TIMEOUT,
  concurrency: CONNECTIONS,
  async open({ email: config }) {
    if (config === null) return null
    validateSmtp(config)
    return openSmtp(config)
  },
}
