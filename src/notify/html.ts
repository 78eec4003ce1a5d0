const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as HTML: nothing in it is markup any more, line ends stay line ends. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '').replace(/\n/g, '<br>\n')
}

/** Text whose columns count, such as a log. */
export function preformatted(text: string): string {
  if (text === '') return ''
  const escaped = escapeHtml(text).replaceAll('<br>\n', '\n')
  return `<pre style="white-space:pre-wrap;font-size:0.9em;margin:0.5em 0">${escaped}</pre>`
}
