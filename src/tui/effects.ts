/** What the state asks for: quit, read again, collect, open a browser, snooze. Heavy parts are loaded when they are first used. */
import type { Context } from '../cli/context.ts'
import type { App } from './app.ts'
import type { Effect } from './model.ts'
import type { Pulse } from './pulse.ts'

export interface EffectsOptions {
  context: Context
  clock: () => number
  reopened(): Promise<void>
}

export interface Effects {
  run(effect: Effect, app: App): Promise<void>
  attach(parts: { pulse?: Pulse; end?: () => void }): void
  /** Waits for what is under way. */
  close(): Promise<void>
}

export function createEffects(_options: EffectsOptions): Effects {
  let pulse: Pulse | null = null
  let end: () => void = () => {}
  return {
    async run(effect) {
      switch (effect.type) {
        case 'quit':
          return end()
        case 'refresh':
          return pulse?.refresh()
        default:
      }
    },
    attach(parts) {
      pulse = parts.pulse ?? pulse
      end = parts.end ?? end
    },
    close: async () => {},
  }
}
