import { createHash } from 'node:crypto'
import { escapeHtml } from '../../html.ts'
import type { Message } from '../../types.ts'
import type { SmtpConfig } from './config.ts'
import { senderOf } from './validate.ts'

/** What nodemailer composes a message from. */
export interface Mail {
  from: { name: string; address: string }
  to: { name: string; address: string }
  subject: string
  text: string
  html: string
  date: Date
  messageId: string
  priority: 'high' | 'normal' | 'low'
  headers: Record<string, string>
}

const DEFAULT_NAME = 'duplistatus'

/** Pure. Line breaks and other controls are gone from all that becomes a header. */
export function buildMail(message: Message, recipient: string, config: SmtpConfig): Mail {
  const sender = senderOf(config)
  return {
    from: { name: header(config.senderName ?? DEFAULT_NAME), address: sender },
    to: { name: '', address: recipient },
    subject: header(message.title),
    text: message.text,
    html: page(message),
    date: new Date(message.at),
    messageId: messageId(message.key, recipient, sender),
    priority: message.priority >= 4 ? 'high' : message.priority <= 2 ? 'low' : 'normal',
    // RFC 3834: nobody's holiday note is to answer.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  }
}

/** The same for each attempt at one recipient, so that a reader's program shows a message once that came twice. */
function messageId(key: string, recipient: string, sender: string): string {
  const digest = createHash('sha256').update(`${key}\n${recipient.toLowerCase()}`).digest('hex').slice(0, 32)
  return `<${digest}@${sender.slice(sender.lastIndexOf('@') + 1)}>`
}

function header(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').trim()
}

function page({ title, html, click }: Message): string {
  const link = click === null ? '' : `\n<p><a href="${escapeHtml(click)}">${escapeHtml(click)}</a></p>`
  return `<!doctype html>
<html>
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body style="font-family:sans-serif;line-height:1.4">
<h3 style="margin:0 0 0.5em">${escapeHtml(title)}</h3>
<div>${html}</div>${link}
</body>
</html>`
}
