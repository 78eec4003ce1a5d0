import { describe, expect, it } from 'vitest'
import {
  reportingChanges,
  reportingMissing,
  reportingOptions,
  reportingRemoval,
  withoutToken,
} from '../../src/duplicati/reporting.ts'

const URL_1 = 'http://monitor:9666/api/upload?token=one'
const URL_2 = 'http://monitor:9666/api/upload?token=two'
const OTHER = 'https://other.example/report'

/** What the server has after the changes. */
function applied(settings: Record<string, string>, changes: ReturnType<typeof reportingChanges>) {
  const result = { ...settings }
  for (const { name, to } of changes) {
    if (to === null) delete result[name]
    else result[name] = to
  }
  return result
}

describe('reporting options', () => {
  it('are an address, a level and no limit of lines; live status only where asked', () => {
    expect(reportingOptions(URL_1)).toEqual([
      { name: '--send-http-json-urls', value: URL_1 },
      { name: '--send-http-log-level', value: 'Information' },
      { name: '--send-http-max-log-lines', value: '0' },
    ])
    expect(reportingOptions(URL_1, 'http://monitor:9666/api/status')).toHaveLength(4)
  })

  it('change nothing where they are set', () => {
    const settings = applied({}, reportingChanges({}, URL_1))
    expect(reportingChanges(settings, URL_1)).toEqual([])
  })

  it('leave the addresses of other receivers', () => {
    const [first] = reportingChanges({ '--send-http-json-urls': OTHER }, URL_1)
    expect(first).toEqual({ name: '--send-http-json-urls', from: OTHER, to: `${OTHER};${URL_1}` })
  })

  it('replace an older token of this receiver', () => {
    const [first] = reportingChanges({ '--send-http-json-urls': `${URL_1}; ${OTHER}` }, URL_2)
    expect(first?.to).toBe(`${OTHER};${URL_2}`)
  })

  it('survive what is no address', () => {
    expect(reportingChanges({ '--send-http-json-urls': 'nonsense' }, URL_1)[0]?.to).toBe(`nonsense;${URL_1}`)
  })

  it('are taken away again, all of them where nobody else gets reports', () => {
    const settings = applied(
      { 'server-timezone': 'UTC' },
      reportingChanges({}, URL_1, 'http://monitor:9666/api/status'),
    )
    expect(applied(settings, reportingRemoval(settings, URL_2))).toEqual({ 'server-timezone': 'UTC' })
    expect(reportingRemoval({}, URL_1)).toEqual([])
  })

  it('stay for other receivers', () => {
    const settings = applied(
      { '--send-http-json-urls': OTHER },
      reportingChanges({ '--send-http-json-urls': OTHER }, URL_1),
    )
    expect(applied(settings, reportingRemoval(settings, URL_1))).toEqual({
      '--send-http-json-urls': OTHER,
      '--send-http-log-level': 'Information',
      '--send-http-max-log-lines': '0',
    })
  })

  it('are missing where the server ignored them', () => {
    const changes = reportingChanges({}, URL_1)
    expect(reportingMissing({ '--send-http-log-level': 'Information' }, changes)).toEqual([
      '--send-http-json-urls',
      '--send-http-max-log-lines',
    ])
    expect(reportingMissing(applied({}, changes), changes)).toEqual([])
  })
})

it('hides tokens of addresses that are shown', () => {
  expect(withoutToken(`${OTHER};${URL_1}&x=1;${URL_2}`)).toBe(
    `${OTHER};http://monitor:9666/api/upload?token=…&x=1;http://monitor:9666/api/upload?token=…`,
  )
})
