import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')
export const PROGRAM = join(ROOT, 'bin/run.js')

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface ProgramOptions {
  env?: NodeJS.ProcessEnv
  input?: string
  cwd?: string
  node?: string
  program?: string
  /** Milliseconds after which the program is killed and the promise fails with what was printed. */
  timeout?: number
}

/** Runs the built program to its end; nothing of the machine's settings reaches it but PATH and HOME-less folders of its own. */
export function runProgram(args: string[], options: ProgramOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(options.node ?? process.execPath, [options.program ?? PROGRAM, ...args], {
      cwd: options.cwd ?? ROOT,
      env: { PATH: process.env.PATH, LANG: 'en_GB.UTF-8', TZ: 'UTC', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`duplistatus ${args.join(' ')} did not end\nstdout:\n${stdout}\nstderr:\n${stderr}`))
    }, options.timeout ?? 30_000)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, stdout, stderr })
    })
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
  })
}

/** A folder that is gone when the test's scope ends: `using folder = temporaryFolder()`. */
export function temporaryFolder(prefix = 'duplistatus-test-'): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), prefix))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
