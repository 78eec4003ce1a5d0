import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from '@oclif/core/command'
import { describe, expect, it } from 'vitest'
import { BaseCommand } from '../../src/cli/base-command.ts'

const root = join(import.meta.dirname, '../..')
const shapes = readFileSync(join(root, 'docs/json.md'), 'utf8')
/** They print nothing that ends. */
const SHAPELESS = ['commands/serve.ts', 'commands/tui.ts']
const files = globSync('commands/**/*.ts', { cwd: root }).sort()

async function load(file: string): Promise<Command.Class> {
  return (await import(join(root, file))).default
}

describe.each(files)('%s', (file) => {
  it('keeps the conventions of every command', async () => {
    const command = await load(file)
    expect(Object.create(command.prototype) instanceof BaseCommand, 'extends BaseCommand').toBe(true)
    expect(command.summary, 'has a summary').toMatch(/^[A-Z].*[^.]$/)
    expect(command.examples?.length ?? 0, 'has an example').toBeGreaterThan(0)
    for (const [name, arg] of Object.entries(command.args ?? {})) {
      expect(arg.ignoreStdin, `argument ${name} is not filled from stdin`).toBe(true)
      expect(arg.description, `argument ${name} is described`).toBeTruthy()
    }
  })

  it('describes its flags, and their letters clash with none of the global ones', async () => {
    const command = await load(file)
    const flags = { ...(command.baseFlags ?? {}), ...(command.flags ?? {}) }
    const chars = Object.values(flags).flatMap((flag) => (flag.char ? [flag.char as string] : []))
    expect(new Set(chars).size).toBe(chars.length)
    for (const [name, flag] of Object.entries(flags)) expect(flag.description, `--${name} is described`).toBeTruthy()
  })

  it('has the shape of its --json documented', () => {
    const name = file.slice('commands/'.length, -'.ts'.length).replaceAll('/', ' ')
    if (!SHAPELESS.includes(file)) expect(shapes).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, 'm'))
  })

  it('takes no secret as the value of a flag', async () => {
    const command = await load(file)
    for (const [name, flag] of Object.entries(command.flags ?? {})) {
      if (/password|token|secret|header/.test(name)) expect(flag.type, `--${name}`).toBe('boolean')
    }
  })
})
