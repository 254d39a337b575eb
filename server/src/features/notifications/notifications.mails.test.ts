import type { MailedLine } from './notifications.mails.ts'
import { expect, it } from 'vitest'
import { fileUploaded, requestReceived } from '../audit/audit.actions.ts'
import { newsMail } from './notifications.mails.ts'

const line = (workspace: string, more: Partial<MailedLine> = {}): MailedLine => ({
  type: fileUploaded.action,
  count: 1,
  actor: 'Ana',
  subject: 'A.pdf',
  place: '',
  workspace,
  isAboutYou: false,
  ...more,
})
const groupsOf = (lines: MailedLine[], more = 0) => newsMail.words.en({
  rhythm: 'daily',
  lines,
  more,
  unsubscribePath: '/',
}, { sender: 'Borealis', when: String }).groups

it('news of several workspaces stands below each, what is of none before, and what is not named last', () => {
  expect(groupsOf([
    line('Borealis'),
    line('Harbour'),
    line('', { type: requestReceived.action }),
    line('Borealis', { count: 3 }),
  ], 2)).toEqual([
    {
      title: '',
      lines: ['A request came in.'],
    },
    {
      title: 'Borealis',
      lines: ['Ana uploaded A.pdf.', 'Ana uploaded 3 files.'],
    },
    {
      title: 'Harbour',
      lines: ['Ana uploaded A.pdf.'],
    },
    {
      title: '',
      lines: ['And 2 more.'],
    },
  ])
})

it('news of one workspace needs no title: the mail is the workspace’s', () => {
  expect(groupsOf([
    line('Borealis'),
    line('Borealis', { count: 2 }),
  ])).toEqual([
    {
      title: '',
      lines: ['Ana uploaded A.pdf.', 'Ana uploaded 2 files.'],
    },
  ])
})
