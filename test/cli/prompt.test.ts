import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { askHidden, confirm, parseHeaders, readSecretInput } from '../../src/cli/prompt.ts'

/** A terminal at which somebody types. */
function terminal(typed: string[]) {
  const stdin = new PassThrough() as PassThrough & { isTTY: boolean; setRawMode(on: boolean): void }
  const raw: boolean[] = []
  Object.assign(stdin, { isTTY: true, setRawMode: (on: boolean) => void raw.push(on) })
  const stderr = new PassThrough()
  let shown = ''
  stderr.on('data', (chunk: Buffer) => (shown += chunk.toString()))
  for (const text of typed) stdin.write(text)
  return {
    io: {
      stdin: stdin as unknown as NodeJS.ReadStream,
      stderr: stderr as unknown as NodeJS.WriteStream,
      isTTY: { stdin: true, stdout: true, stderr: true },
    },
    raw,
    shown: () => shown,
  }
}

describe('asking for a password', () => {
  it('shows nothing of it and restores the terminal', async () => {
    const { io, raw, shown } = terminal(['ge', 'hé', 'im', '\r'])
    expect(await askHidden(io, 'Password: ')).toBe('gehéim')
    expect(shown()).toBe('Password: \n')
    expect(raw).toEqual([true, false])
  })

  it('understands backspace, Ctrl-U, arrow keys and pasted text', async () => {
    const { io } = terminal(['wrong\u0015', 'ab\u007f', '\u001b[D', '\u001b[200~c d\u001b[201~', '\n'])
    expect(await askHidden(io, 'Password: ')).toBe('ac d')
  })

  it('keeps a character whole that comes in two pieces', async () => {
    const bytes = Buffer.from('é')
    const { io } = terminal([])
    const answer = askHidden(io, 'Password: ')
    for (const byte of bytes) io.stdin.push(Buffer.of(byte))
    io.stdin.push('\r')
    expect(await answer).toBe('é')
  })

  it('ends with 130 on Ctrl-C, the terminal restored', async () => {
    const { io, raw } = terminal(['ab\u0003'])
    await expect(askHidden(io, 'Password: ')).rejects.toMatchObject({ exitCode: 130 })
    expect(raw).toEqual([true, false])
  })

  it('refuses an empty one', async () => {
    await expect(askHidden(terminal(['\r']).io, 'Password: ')).rejects.toMatchObject({ code: 'password_missing' })
  })
})

describe('asking yes or no', () => {
  it.each([
    ['y\r', true],
    ['Yes\r', true],
    ['\r', false],
    ['no\r', false],
    ['x\r', false],
  ])('takes %j as %s', async (typed, expected) => {
    expect(await confirm(terminal([typed]).io, 'Sure?')).toBe(expected)
  })

  it('asks once, also where the question is longer than a row', async () => {
    const { io, shown } = terminal(['no', '\u007f', '\u0015y', '\r'])
    expect(await confirm(io, 'Sure?')).toBe(true)
    expect(shown()).toBe('Sure? [y/N] no\b \b\b \by\n')
  })

  it('puts no escape sequence of what it asks about on the terminal', async () => {
    const { io, shown } = terminal(['\r'])
    await confirm(io, 'Remove \u001b[2Jnas?')
    expect(shown()).not.toContain('\u001b[2J')
  })
})

describe('secrets on stdin', () => {
  function piped(input: string) {
    const stdin = new PassThrough()
    stdin.end(input)
    return {
      stdin: stdin as unknown as NodeJS.ReadStream,
      stderr: new PassThrough() as unknown as NodeJS.WriteStream,
      isTTY: { stdin: false, stdout: false, stderr: false },
    }
  }

  it('are the first line and headers below it', async () => {
    const input = await readSecretInput(piped('pass word \r\nX-A: 1\n\nX-B: b:c\n'), { password: true, headers: true })
    expect(input).toEqual({ password: 'pass word ', headers: { 'x-a': '1', 'x-b': 'b:c' } })
  })

  it('lose a byte order mark and the last line end only', async () => {
    expect(await readSecretInput(piped('\ufeff päss \n'), { password: true, headers: false })).toMatchObject({
      password: ' päss ',
    })
  })

  it('are refused when they are no password', async () => {
    const wanted = { password: true, headers: false }
    for (const input of ['', '\n', 'a\nb', 'a\u0000b', 'x'.repeat(70_000)]) {
      await expect(readSecretInput(piped(input), wanted), JSON.stringify(input.slice(0, 10))).rejects.toMatchObject({
        exitCode: 2,
      })
    }
  })

  it('never repeat the value of a header in an error', () => {
    expect(() => parseHeaders(['X: 1', 'x: secret-value'])).toThrow(/^(?!.*secret-value)/)
    expect(() => parseHeaders(['Host: secret-value'])).toThrow(/^(?!.*secret-value)/)
  })
})
