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
  if (plain === '/' || UPLOADS.test(plain)) return `/api/upload${query}`
  if (STATUS.test(plain)) return `/api/status${query}`
  return plain + query
}
