import { readFileSync, statSync } from 'node:fs'
import { UserError } from '../errors.ts'

/** What a person writes by hand; more is something else. */
const MOST_BYTES = 256 * 1024

/**
 * The text of a file, or of stdin for `-`.
 * @throws UserError `file_unreadable`, `file_too_large`
 */
export async function readTextInput(file: string, stdin: NodeJS.ReadStream): Promise<string> {
  return file === '-' ? readStdin(stdin) : readText(file)
}

function readText(file: string): string {
  try {
    if (statSync(file).size > MOST_BYTES) throw tooLarge(file)
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`${file} can't be read (${(error as NodeJS.ErrnoException).code})`, {
      code: 'file_unreadable',
      hint: 'Check its name and its permissions.',
      cause: error,
    })
  }
}

async function readStdin(stdin: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin) {
    const buffer = Buffer.from(chunk as Uint8Array | string)
    bytes += buffer.length
    if (bytes > MOST_BYTES) throw tooLarge('stdin')
    chunks.push(buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tooLarge(what: string): UserError {
  return new UserError(`${what} has more than ${MOST_BYTES} bytes`, { code: 'file_too_large' })
}
