/** The lines of the interface on a terminal, by Ink: alternate screen, keyboard, resize, and all as before when it ends. */
import { Box, render, Text, useInput, usePaste } from 'ink'
import { createElement, memo, useSyncExternalStore } from 'react'
import type { App } from './app.ts'
import { keysOf } from './keys.ts'

/** Quick enough for a key that is held; a monitor needs no more. */
const MOST_FRAMES = 30

export interface Terminal {
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
}

/** The whole screen is one text: forty of them would cost Ink's layout a third of a frame's time. */
const Lines = memo(({ text }: { text: string }) => createElement(Text, { wrap: 'truncate-end' }, text))

function Screen({ app }: { app: App }) {
  const lines = useSyncExternalStore(app.subscribe, app.lines)
  useInput((input, key) => app.press(keysOf(input, key)))
  usePaste((text) => app.dispatch({ type: 'paste', text }))
  const { columns: width, rows: height } = app.state.size
  return createElement(Box, { width, height, overflow: 'hidden' }, createElement(Lines, { text: lines.join('\n') }))
}

/** Shows the application until `end` is called; the promise ends when the terminal is as it was. */
export function showOn({ stdin, stdout, stderr }: Terminal, app: App): { end(): void; ended: Promise<void> } {
  const resized = () => app.dispatch({ type: 'resize', size: { columns: stdout.columns, rows: stdout.rows } })
  stdout.on('resize', resized)
  // Before the first frame: what is typed meanwhile would be echoed into it.
  stdin.setRawMode(true)
  const instance = render(createElement(Screen, { app }), {
    stdin,
    stdout,
    stderr,
    alternateScreen: true,
    incrementalRendering: true,
    interactive: true,
    exitOnCtrlC: false,
    maxFps: MOST_FRAMES,
  })
  return {
    end: () => instance.unmount(),
    ended: instance.waitUntilExit().then(() => void stdout.off('resize', resized)),
  }
}
