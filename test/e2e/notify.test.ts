import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ntfyServer } from '../support/ntfy-server.ts'
import { runProgram, temporaryFolder } from '../support/program.ts'
import { mailServer } from '../support/smtp-server.ts'

function settings(folder: string, values: object): NodeJS.ProcessEnv {
  const file = join(folder, 'config.json')
  writeFileSync(file, JSON.stringify(values))
  return { DUPLISTATUS_CONFIG: file, DUPLISTATUS_DB: join(folder, 'duplistatus.db') }
}

describe('the built program', () => {
  it('has what it sends messages with in it', async () => {
    using folder = temporaryFolder()
    const [ntfy, email] = [await ntfyServer(), await mailServer()]
    const env = settings(folder.path, {
      ntfy: { url: ntfy.url, topic: 'backups' },
      smtp: { host: email.host, port: email.port, security: 'plain', from: 'a@mail.example', to: 'me@mail.example' },
      language: 'zh-CN',
    })
    const ran = await runProgram(['notify', 'test', '--template', 'warning'], { env })
    expect(ran, ran.stderr).toMatchObject({ code: 0 })
    expect(ntfy.received[0]?.body.title).toBe('Home NAS (nas) 上的 Documents：错误')
    expect(email.received).toHaveLength(1)
    const qr = await runProgram(['notify', 'qr'], { env })
    expect(qr, qr.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('▀') })
  })

  it('goes by a proxy, for messages and for servers', async () => {
    using folder = temporaryFolder()
    const seen: string[] = []
    const proxy = createServer()
    proxy.on('connect', (request, socket) => {
      seen.push(request.url ?? '')
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void proxy.close())
    const env = {
      ...settings(folder.path, { ntfy: { url: 'https://ntfy.invalid', topic: 'backups' } }),
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      DUPLISTATUS_PASSWORD: 'x',
    }
    await runProgram(['notify', 'test'], { env })
    await runProgram(['collect', 'https://nas.invalid:8200'], { env })
    expect(seen).toContain('ntfy.invalid:443')
    expect(seen).toContain('nas.invalid:8200')
  })
})
