import type { MailLanguage } from './define-mail.ts'

/** What is in both forms of a mail besides what it says. */
export interface MailFrame {
  sender: string
  language: MailLanguage
  publicUrl: string
  subject: string
  url: string | undefined
  unsubscribe: { label: string, url: string } | undefined
}
