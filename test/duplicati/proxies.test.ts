import { describe, expect, it } from 'vitest'
import { proxyFor } from '../../src/duplicati/proxies.ts'

const proxy = 'http://proxy.example:3128'
const through = (url: string, env: Record<string, string>) => proxyFor(url, env)?.origin ?? null

describe('proxyFor', () => {
  it('takes the variable of the scheme, in either case, the lower first', () => {
    expect(through('http://nas', { HTTP_PROXY: proxy })).toBe(proxy)
    expect(through('http://nas', { HTTPS_PROXY: proxy })).toBeNull()
    expect(through('https://nas', { HTTPS_PROXY: proxy })).toBe(proxy)
    expect(through('https://nas', { HTTP_PROXY: proxy })).toBeNull()
    expect(through('https://nas', { ALL_PROXY: proxy })).toBe(proxy)
    expect(through('https://nas', { HTTPS_PROXY: 'http://other', https_proxy: proxy })).toBe(proxy)
    expect(through('https://nas', { HTTPS_PROXY: 'proxy.example:3128' })).toBe(proxy)
    expect(through('https://nas', { HTTPS_PROXY: '' })).toBeNull()
  })

  it.each([
    ['nas.example', true],
    ['.example', true],
    ['*.example', true],
    ['example', true],
    ['*', true],
    ['other, nas.example', true],
    ['nas.example:8200', true],
    ['nas.example:80', false],
    ['s.example', false],
    ['', false],
  ])('NO_PROXY=%s', (NO_PROXY, isDirect) => {
    expect(through('http://nas.example:8200', { HTTP_PROXY: proxy, NO_PROXY })).toBe(isDirect ? null : proxy)
  })

  it.each([
    ['http://192.168.1.4', '192.168.0.0/16', null],
    ['http://192.169.1.4', '192.168.0.0/16', proxy],
    ['http://[fd00::1]', 'fd00::/8', null],
    ['http://[fd00::1]', '[fd00::1]', null],
    ['http://nas', '192.168.0.0/16', proxy],
    ['http://192.168.1.4', '192.168.0.0/99', proxy],
  ])('%s with NO_PROXY=%s', (url, NO_PROXY, expected) => {
    expect(through(url, { HTTP_PROXY: proxy, NO_PROXY })).toBe(expected)
  })

  it('does not send this machine’s own addresses through a proxy on another one', () => {
    const local = 'http://127.0.0.1:3128'
    for (const host of ['localhost', '127.0.0.1', '[::1]', 'a.localhost']) {
      expect(through(`http://${host}:8200`, { HTTP_PROXY: proxy })).toBeNull()
      expect(through(`http://${host}:8200`, { HTTP_PROXY: local })).toBe(local)
    }
  })

  it('refuses what is no address of a proxy, without repeating it', () => {
    expect(() => proxyFor('http://nas', { HTTP_PROXY: 'gopher://u:geheim@x' })).toThrow('HTTP_PROXY')
    expect(() => proxyFor('http://nas', { HTTP_PROXY: 'gopher://u:geheim@x' })).not.toThrow('geheim')
  })
})
