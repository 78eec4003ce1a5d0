import { describe, expect, it } from 'vitest'
import type { LogLineView } from '../../src/fleet/model.ts'
import { reasonOf } from '../../src/output/status-words.ts'

function line(level: LogLineView['level'], text: string): LogLineView {
  return { level, at: null, tag: null, text }
}

describe('the reason of a failed run', () => {
  it('is the exception below the first error', () => {
    const lines = [
      line('warning', 'something else'),
      line(
        'error',
        'The operation Backup has failed\nDuplicati.Library.RemoteListVerificationException: Found 2 files\n   at X',
      ),
      line('error', 'later'),
    ]
    expect(reasonOf(lines)).toBe('Found 2 files')
  })

  it('is the first error itself where no exception stands below it', () => {
    expect(reasonOf([line('error', 'Hash mismatch\nsecond line')])).toBe('Hash mismatch')
  })

  it('is not known without an error', () => {
    expect(reasonOf([line('message', 'all is well')])).toBeNull()
  })
})
