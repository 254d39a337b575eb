import type { MailText } from './define-mail.ts'
import type { MailFrame } from './mail-frame.ts'
import { proseAsText } from './prose.ts'

const TEXT_WIDTH = 76

/** A mail for programs and people that read no HTML: all that the other form has, in the same order. */
export function mailAsText({ heading, paragraphs, groups = [], prose, action, facts = [], reason }: MailText, { url, sender, publicUrl, replyMark = '', unsubscribe }: MailFrame): string {
  const parts = [
    replyMark,
    heading,
    ...paragraphs,
    ...groups.map(({ title, lines }) => [
      ...title === ''
        ? []
        : [title],
      ...lines.map(line => `- ${line}`),
    ].join('\n')),
    prose === undefined
      ? ''
      : proseAsText(prose, publicUrl),
    action
      ? `${action.label}:\n${url}`
      : '',
    facts.map(([label, value]) => `${label}: ${value}`).join('\n'),
    [
      `-- \n${sender}\n${reason}\n${publicUrl}`,
      ...unsubscribe
        ? [`${unsubscribe.label}:\n${unsubscribe.url}`]
        : [],
    ].join('\n'),
  ]
  return parts.filter(part => part !== '').map(wrap).join('\n\n').concat('\n')
}

/** At spaces; an address stays whole however long. */
const wrap = (text: string) => text.split('\n').map(wrapLine).join('\n')

function wrapLine(line: string): string {
  const lines: string[] = []
  for (const word of line.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= TEXT_WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join('\n')
}
