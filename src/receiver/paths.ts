/** Where fleets post to: this program's own paths, those of the web application and of other receivers, below any base path. */
const UPLOADS = /(?:^|\/)(?:api\/)?(?:upload|report)s?$/i
const STATUS = /(?:^|\/)api\/status$/i

/**
 * One spelling for each path: a proxy's base path, slashes at the end or doubled, and capitals make no other. A redirect would do
 * the same for a browser, and lose a report (T76).
 * @param url path and query, as they stand in a request
 */
export function plainUrl(url: string): string {
  const question = url.indexOf('?')
  const path = question < 0 ? url : url.slice(0, question)
  const query = question < 0 ? '' : url.slice(question)
  if (path === '/api/upload') return url
  const plain = path.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1')
  const letters = decoded(plain)
  if (letters === '/' || UPLOADS.test(letters)) return `/api/upload${query}`
  if (STATUS.test(letters)) return `/api/status${query}`
  return plain + query
}

/** Letters may be written as `%75` (RFC 3986, 2.3). */
function decoded(path: string): string {
  try {
    return path.includes('%') ? decodeURIComponent(path) : path
  } catch {
    return path
  }
}
