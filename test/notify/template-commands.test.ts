import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import TemplateEdit from '../../commands/template/edit.ts'
import TemplateList from '../../commands/template/list.ts'
import TemplatePreview from '../../commands/template/preview.ts'
import TemplateReset from '../../commands/template/reset.ts'
import TemplateShow from '../../commands/template/show.ts'
import { TEMPLATE_KINDS } from '../../src/i18n/types.ts'
import { openStore } from '../../src/store/index.ts'
import { T0 } from '../support/notify.ts'
import { type RunOptions, runCommand } from '../support/run-command.ts'
import { temporaryFolder } from '../support/store.ts'

type Command = Parameters<typeof runCommand>[0]

function place() {
  const folder = temporaryFolder()
  const file = join(folder, 'duplistatus.db')
  const env = { DUPLISTATUS_DB: file, DUPLISTATUS_CONFIG: join(folder, 'config.json'), PATH: process.env.PATH }
  const run = (command: Command, argv: string[], options: RunOptions = {}) =>
    runCommand(command, argv, { now: new Date(T0), ...options, env: { ...env, TMPDIR: folder, ...options.env } })
  const json = async (command: Command, argv: string[], options: RunOptions = {}) =>
    JSON.parse((await run(command, [...argv, '--json'], options)).stdout)
  return { folder, file, run, json }
}

/** An editor that puts a text in place of what it is given. */
function editor(folder: string, text: string): string {
  const script = join(folder, 'editor.sh')
  writeFileSync(script, `#!/bin/sh\ncp "$1" "${join(folder, 'seen.txt')}"\ncat > "$1" <<'END'\n${text}\nEND\n`)
  chmodSync(script, 0o700)
  return script
}

const OWN = 'Title: {backup_name} FAILED\nPriority: max\nTags: skull\n\n{log_text}\n'

describe('template', () => {
  it('lists all five, in the configured language', async () => {
    const here = place()
    const { schemaVersion, language, templates } = await here.json(TemplateList, [])
    expect([schemaVersion, language]).toEqual([1, 'en'])
    expect(templates.map(({ kind }: { kind: string }) => kind)).toEqual([...TEMPLATE_KINDS])
    expect(Object.keys(templates[0]).sort()).toEqual([
      'edited',
      'kind',
      'language',
      'message',
      'priority',
      'tags',
      'title',
    ])
    expect((await here.json(TemplateList, [], { env: { DUPLISTATUS_LOCALE: 'fr-FR' } })).language).toBe('fr')
    expect((await here.run(TemplateList, [])).stdout).toContain('built in')
  })

  it('is changed from stdin, shown as it was written, and reset', async () => {
    const here = place()
    const edit = await here.run(TemplateEdit, ['warning', '--file', '-'], { input: OWN })
    expect(edit).toEqual({ stdout: 'Changed the warning template (en)\n', stderr: '', exitCode: 0 })
    expect((await here.run(TemplateShow, ['warning'])).stdout).toBe(OWN)
    expect((await here.json(TemplateShow, ['warning'])).template).toMatchObject({
      edited: true,
      title: '{backup_name} FAILED',
      priority: 'max',
      variables: expect.arrayContaining(['log_text']),
    })
    expect((await here.json(TemplateShow, ['warning', '--language', 'de'])).template.edited).toBe(false)
    expect((await here.run(TemplateEdit, ['warning', '--file', '-'], { input: OWN })).stdout).toBe(
      'Nothing was changed\n',
    )
    expect((await here.run(TemplateReset, ['warning'])).stdout).toBe('Reset: warning (en)\n')
    expect((await here.json(TemplateShow, ['warning'])).template.edited).toBe(false)
    expect(await here.json(TemplateReset, ['--all'])).toEqual({ schemaVersion: 1, language: 'en', reset: [] })
  })

  it('keeps what was there before in the audit log', async () => {
    const here = place()
    await here.run(TemplateEdit, ['success', '--file', '-', '--language', 'es'], { input: 'Title: x\n\ny' })
    await here.run(TemplateReset, ['success', '--language', 'es'])
    const store = await openStore({ file: here.file, mode: 'read' })
    const [reset, edit] = await store.audit.list(10)
    await store.close()
    expect(edit).toMatchObject({
      action: 'template.edit',
      data: { kind: 'success', language: 'es', after: { title: 'x' } },
    })
    expect(reset).toMatchObject({ action: 'template.reset', data: { before: { title: 'x', message: 'y' } } })
  })

  it('is changed in an editor', async () => {
    const here = place()
    const EDITOR = editor(here.folder, OWN)
    const ran = await here.run(TemplateEdit, ['warning', '--language', 'fr'], { env: { EDITOR } })
    expect(ran).toMatchObject({ stdout: 'Changed the warning template (fr)\n', exitCode: 0 })
    const seen = readFileSync(join(here.folder, 'seen.txt'), 'utf8')
    expect(seen).toContain('Title: {backup_name} sur {server_alias} : {status}')
    expect(seen).toContain('{failures_in_a_row}')
  })

  it('is refused with an unknown variable, and what was written is kept', async () => {
    const here = place()
    const wrong = 'Title: {backup_nam}\n\nx'
    const given = await here.run(TemplateEdit, ['overdue', '--file', '-'], { input: wrong })
    expect(given.exitCode).toBe(1)
    expect(given.stderr).toContain('{backup_nam}')
    const ran = await here.run(TemplateEdit, ['overdue'], { env: { EDITOR: editor(here.folder, wrong) } })
    expect(ran.exitCode).toBe(1)
    const [, draft = ''] = /kept in (\S+):/.exec(ran.stderr) ?? []
    expect(existsSync(draft), ran.stderr).toBe(true)
    expect(readFileSync(draft, 'utf8')).toContain('{backup_nam}')
    expect((await here.json(TemplateShow, ['overdue'])).template.edited).toBe(false)
  })

  it('is previewed with made-up values, also before it is saved', async () => {
    const here = place()
    const { message } = await here.json(TemplatePreview, ['overdue'])
    expect(Object.keys(message).sort()).toEqual(['click', 'html', 'priority', 'tags', 'text', 'title'])
    expect(message.title).toBe('Documents on Home NAS (nas): overdue')
    const draft = join(here.folder, 'draft.txt')
    writeFileSync(draft, 'Title: DRAFT {backup_name}\n\n{expected_elapsed}')
    const ran = await here.run(TemplatePreview, ['overdue', '--file', draft, '--language', 'de'])
    expect(ran.stdout).toBe('DRAFT Documents\nvor 2 Tagen\n')
    expect((await here.run(TemplatePreview, ['warning', '--html'])).stdout).toContain('<pre')
    expect(existsSync(here.file)).toBe(false)
  })

  it.each([
    [TemplateShow, ['nothing'], 2],
    [TemplateShow, ['warning', '--language', 'xx'], 2],
    [TemplateReset, [], 2],
    [TemplateReset, ['warning', '--all'], 2],
    [TemplateEdit, ['warning', '--file', '/no/such/file'], 1],
  ])('ends with its exit code', async (command, argv, exitCode) => {
    const ran = await place().run(command, argv)
    expect(ran.exitCode, ran.stderr).toBe(exitCode)
  })
})
