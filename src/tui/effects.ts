/** What the state asks for: quit, read again, collect, open a browser, snooze, set. Heavy parts are loaded when first used. */
import { openInBrowser } from '../cli/browser.ts'
import type { Context } from '../cli/context.ts'
import { UserError } from '../errors.ts'
import { plural } from '../output/format.ts'
import type { App } from './app.ts'
import type { Collecting, Effect } from './model.ts'
import type { Pulse } from './pulse.ts'

export interface EffectsOptions {
  context: Context
  /** Epoch milliseconds. */
  clock: () => number
}

export interface Effects {
  run(effect: Effect, app: App): Promise<void>
  attach(parts: { pulse?: Pulse; end?: () => void }): void
  /** Ends what is under way and waits for it. */
  close(): Promise<void>
}

export function createEffects({ context, clock }: EffectsOptions): Effects {
  let pulse: Pulse | null = null
  let end: () => void = () => {}
  let collecting: { stop: AbortController; ended: Promise<void> } | null = null

  const stopCollecting = async () => {
    collecting?.stop.abort()
    await collecting?.ended
  }
  const collect = async (serverIds: string[] | null, app: App) => {
    const stop = new AbortController()
    const onChange = (state: Collecting) => app.dispatch({ type: 'collecting', collecting: state })
    const run = import('./collect.ts').then(({ collectInside }) =>
      collectInside({ context, serverIds, now: clock(), signal: stop.signal, onChange }),
    )
    collecting = { stop, ended: run.then(ignore, ignore) }
    const { results, cancelled } = await run.catch((error: unknown) => {
      onChange({ lines: [], running: false, cancelled: false, results: [] })
      throw error
    })
    const failed = results.filter(({ ok }) => !ok).length
    const fresh = results.reduce((sum, result) => sum + result.new, 0)
    const text = `${cancelled ? 'Stopped' : 'Collected'}: ${plural(fresh, 'new run')} of ${plural(results.length - failed, 'server')}${failed > 0 ? `, ${failed} failed` : ''}`
    app.dispatch({ type: 'notice', notice: { kind: failed > 0 ? 'error' : 'info', text } })
  }

  return {
    async run(effect, app) {
      switch (effect.type) {
        case 'quit':
          return end()
        case 'auto':
          return
        case 'refresh':
          return pulse?.refresh()
        case 'collect':
          return collect(effect.serverIds, app)
        case 'cancelCollect':
          return stopCollecting()
        case 'open':
          return open(effect, app, context)
        case 'again':
          return app.again(effect.key)
        default: {
          const { change } = await import('./change.ts')
          const text = await change(effect, { context, now: clock() })
          // What was changed is seen before it is told: the next key builds on it.
          await pulse?.refresh()
          app.dispatch({ type: 'notice', notice: { kind: 'info', text } })
          // The settings file is not in the database: nobody else tells that it changed.
          app.again('settings')
          app.again('qr')
        }
      }
    },
    attach(parts) {
      pulse = parts.pulse ?? pulse
      end = parts.end ?? end
    },
    close: stopCollecting,
  }
}

function ignore(): void {}

async function open({ serverId, legacy }: Effect & { type: 'open' }, app: App, context: Context): Promise<void> {
  const server = app.state.snapshot?.serverById.get(serverId)
  if (!server?.url)
    throw new UserError('No address of this server is known: it only sends reports', { code: 'no_address' })
  const page = legacy ? `${server.url}/ngax/` : `${server.url}/`
  const opened = await openInBrowser(page, context.env)
  app.dispatch({ type: 'notice', notice: { kind: 'info', text: opened ? `Opened ${page}` : page } })
}
