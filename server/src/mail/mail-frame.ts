import type { MailLanguage } from './define-mail.ts'

/** What is in both forms of a mail besides what it says. */
export interface MailFrame {
  sender: string
  language: MailLanguage
  publicUrl: string
  subject: string
  url: string | undefined
  /** On top, where an answer by mail is read: above it is the answer. */
  replyMark: string | undefined
  unsubscribe: { label: string, url: string } | undefined
}
