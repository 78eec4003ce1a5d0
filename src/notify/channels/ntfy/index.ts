import type { Channel } from '../../types.ts'
import { openNtfy, TIMEOUT } from './send.ts'
import { validateNtfy } from './validate.ts'

export const ntfy: Channel = {
  name: 'ntfy',
  longest: TIMEOUT,
  concurrency: 4,
  async open({ ntfy: config }, env = process.env) {
    validateNtfy(config)
    return openNtfy(config, env)
  },
}
