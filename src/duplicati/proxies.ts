/** Which HTTP proxy the environment names for an address: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, in either case. */
import { BlockList, isIP } from 'node:net'
import { UserError } from '../errors.ts'

/**
 * The proxy's URL (with its credentials), or null for a direct connection. Lower-case names win over upper-case ones, as in
 * curl. Addresses of this machine go through a proxy only when that is on this machine too: to any other proxy, `localhost`
 * is itself, and would be sent our password.
 */
export function proxyFor(url: string, env: NodeJS.ProcessEnv): URL | null {
  const { protocol, hostname, port } = new URL(url)
  const variable = protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const text = read(env, variable) || read(env, 'all_proxy')
  if (!text) return null
  const host = bare(hostname)
  if (isExcluded(host, port || (protocol === 'https:' ? '443' : '80'), read(env, 'no_proxy'))) return null
  const proxy = parseProxy(text, variable)
  return isLoopback(host) && !isLoopback(bare(proxy.hostname)) ? null : proxy
}

function read(env: NodeJS.ProcessEnv, name: string): string {
  return (env[name] || env[name.toUpperCase()] || '').trim()
}

function parseProxy(text: string, variable: string): URL {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new UserError(`The proxy in ${variable.toUpperCase()} is not an http or https address`, {
    code: 'bad_proxy',
    hint: `Write it as http://proxy:3128, or put the server into NO_PROXY.`,
  })
}

/** `NO_PROXY`: names (with their subdomains), addresses, networks such as `10.0.0.0/8`, each perhaps with a port; `*` for all. */
function isExcluded(host: string, port: string, list: string): boolean {
  return list.split(/[,\s]+/).some((entry) => entry !== '' && matches(entry.toLowerCase(), host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isInNetwork(entry, host)
  const [, name = '', only] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(entry) ?? [null, entry, undefined]
  if (only && only !== port) return false
  const wanted = bare(name).replace(/^\*?\./, '')
  return host === wanted || host.endsWith(`.${wanted}`)
}

function isInNetwork(entry: string, host: string): boolean {
  const [network = '', bits = ''] = entry.split('/')
  const family = isIP(network)
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return false
  const list = new BlockList()
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  list.addSubnet(network, Number(bits), kind)
  return list.check(host, kind)
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host)
}

/** A host without the brackets of IPv6 and without the dot of a fully qualified name. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[(.+)\]$/, '$1').replace(/(?<=.)\.$/, '')
}
