import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jobWith, simulated } from '../collect/lab.ts'
import type { SimulatedDuplicati } from '../support/duplicati/server.ts'
import { ROOT, temporaryFolder } from '../support/program.ts'

interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
}

/** Collects in a process of its own; `onRequest` looks at it as its requests arrive. */
function collect(
  home: string,
  server: SimulatedDuplicati,
  act: (kill: (signal: NodeJS.Signals) => void) => Promise<void> = async () => {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'bin/dev.js'), 'collect', server.url, '--json'], {
      env: { PATH: process.env.PATH, HOME: home, DUPLISTATUS_PASSWORD: server.password },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout }))
    act((signal) => void child.kill(signal)).catch(reject)
  })
}

/** Resolves when so many log pages were asked for. */
async function pages(server: SimulatedDuplicati, count: number): Promise<void> {
  await expect.poll(() => server.count(/\/log\?/), { timeout: 20_000, interval: 5 }).toBeGreaterThanOrEqual(count)
}

describe('collect, interrupted', { timeout: 60_000 }, () => {
  it('by Ctrl-C tells what is done and ends with 130; the next one goes on', async () => {
    using folder = temporaryFolder()
    await using server = await simulated({ delayMs: 30, jobs: [jobWith('1', 3000)] })
    const first = await collect(folder.path, server, async (kill) => {
      await pages(server, 4)
      kill('SIGINT')
    })
    expect({ code: first.code, signal: first.signal }).toEqual({ code: 130, signal: null })
    const [result] = JSON.parse(first.stdout).results
    expect(result).toMatchObject({ ok: false, error: { code: 'interrupted' } })
    expect(result.new % 100).toBe(0)
    const second = await collect(folder.path, server)
    expect(JSON.parse(second.stdout).results[0]).toMatchObject({ ok: true, new: 3000 - result.new, known: result.new })
  })

  it('by a second Ctrl-C ends at once', async () => {
    using folder = temporaryFolder()
    await using server = await simulated({ jobs: [jobWith('1', 10)] })
    server.faults.add({ kind: 'hang' }, { on: /\/log\?/ })
    const ended = await collect(folder.path, server, async (kill) => {
      await pages(server, 1)
      kill('SIGINT')
      kill('SIGINT')
    })
    expect(ended.code === 130 || ended.signal === 'SIGINT').toBe(true)
  })

  it('by kill -9 has stored whole pages, and the next one completes them', async () => {
    using folder = temporaryFolder()
    await using server = await simulated({ delayMs: 30, jobs: [jobWith('1', 3000)] })
    const killed = await collect(folder.path, server, async (kill) => {
      await pages(server, 5)
      kill('SIGKILL')
    })
    expect(killed).toMatchObject({ signal: 'SIGKILL', stdout: '' })
    const next = JSON.parse((await collect(folder.path, server)).stdout).results[0]
    expect(next.new + next.known).toBe(3000)
    expect(next.known).toBeGreaterThan(0)
    expect(next.known % 100).toBe(0)
    const last = JSON.parse((await collect(folder.path, server)).stdout).results[0]
    expect(last).toMatchObject({ ok: true, new: 0, known: 0 })
  })
})
