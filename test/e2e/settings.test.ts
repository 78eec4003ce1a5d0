import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runProgram, temporaryFolder } from '../support/program.ts'

const SECRET = 'pw-Grep-Me-11'

describe('settings in the built program', () => {
  it('are checked, stored and sealed', async () => {
    using folder = temporaryFolder()
    const env = { HOME: folder.path, XDG_CONFIG_HOME: folder.path }
    const run = (args: string[], input = '') => runProgram(['config', ...args], { env, input })
    expect(await run(['set', 'overdue.check', '*/7 * * * *'])).toMatchObject({
      code: 0,
      stdout: 'Set overdue.check to */7 * * * *\n',
    })
    expect(await run(['set', 'overdue.check', '61 * * * *'])).toMatchObject({ code: 2, stdout: '' })
    expect(await run(['set', 'smtp.password', '--stdin'], `${SECRET}\n`)).toMatchObject({ code: 0, stderr: '' })
    expect(await run(['get', 'smtp.password'])).toMatchObject({ stdout: 'set\n' })
    const config = join(folder.path, 'duplistatus')
    expect(JSON.parse(readFileSync(join(config, 'config.json'), 'utf8'))).toEqual({
      overdue: { check: '*/7 * * * *' },
      smtp: { password: expect.stringMatching(/^v1:/) },
    })
    expect(readdirSync(config).sort()).toEqual(['config.json', 'duplistatus.key'])
    expect(readFileSync(join(config, 'config.json'), 'utf8')).not.toContain('Grep-Me')
  })
})
