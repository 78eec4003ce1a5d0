// Prints the failed tests of a vitest JSON report: file, name, and the beginning of what each says.
import { readFileSync } from 'node:fs'
import path from 'node:path'

const { testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
for (const file of testResults) {
  const name = path.relative(process.cwd(), file.name)
  const failed = file.assertionResults.filter(({ status }) => status === 'failed')
  if (failed.length === 0 && file.status === 'failed') print(name, '(the file itself)', [file.message])
  for (const { fullName, failureMessages } of failed) print(name, fullName, failureMessages)
}

function print(file, test, messages) {
  process.stdout.write(`  ${file}: ${test}\n`)
  const lines = messages.flatMap((message) => String(message ?? '').split('\n')).slice(0, 30)
  for (const line of lines) process.stdout.write(`    ${line.slice(0, 300)}\n`)
}
