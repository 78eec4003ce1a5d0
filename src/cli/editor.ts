import { spawn } from 'node:child_process'
import { UsageError, UserError } from '../errors.ts'
import type { Context } from './context.ts'

/**
 * Opens a file in the person's editor ($VISUAL, $EDITOR, else vi or notepad) and waits for its end. The editor may be a command
 * with arguments, such as `code --wait`.
 * @param otherwise what to do where there is no terminal to edit on
 * @throws UserError `editor_failed` when it cannot be started or does not end well
 */
export async function openInEditor(
  file: string,
  { env, isTTY }: Pick<Context, 'env' | 'isTTY'>,
  otherwise: string,
): Promise<void> {
  const isWindows = process.platform === 'win32'
  // An editor that somebody named may be a script.
  if (!env.VISUAL && !env.EDITOR && !isWindows && !(isTTY.stdin && isTTY.stdout)) {
    throw new UsageError('There is no terminal to edit on', { hint: otherwise })
  }
  const editor = env.VISUAL || env.EDITOR || (isWindows ? 'notepad' : 'vi')
  const [command, args] = isWindows ? [`${editor} "${file}"`, []] : ['/bin/sh', ['-c', `${editor} "$1"`, editor, file]]
  const { promise, resolve, reject } = Promise.withResolvers<number | NodeJS.Signals | null>()
  const child = spawn(command, args, { env, stdio: 'inherit', shell: isWindows })
  child.once('error', reject)
  child.once('exit', (code, signal) => resolve(code ?? signal))
  const ended = await promise.catch((error: Error) => error.message)
  if (ended === 0) return
  throw new UserError(`The editor ${JSON.stringify(editor)} ended with ${ended}`, {
    code: 'editor_failed',
    hint: 'Name another one: EDITOR=nano duplistatus …',
  })
}
