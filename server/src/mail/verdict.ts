/** What became of one try to send a mail. */
export type Verdict
  = | { outcome: 'sent', reply: string }
  /** `ofServer`: it says nothing of this mail, others would fare the same now. `lacksEncryption`: it takes no STARTTLS. */
    | { outcome: 'later', reply: string, ofServer: boolean, lacksEncryption?: boolean }
  /** `bounced`: there is no such address. */
    | { outcome: 'refused', reply: string, bounced: boolean }

/** As nodemailer tells what went wrong. */
export interface SmtpFault { message: string, code?: string, responseCode?: number, response?: string, command?: string }

const MAX_REPLY = 1000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** After which time a mail is tried again, by how often it was; the last for all that follow. */
const DELAYS = [
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
]
/** So long a mail is tried: over a weekend most mail servers come back. */
export const GIVE_UP_MS = 48 * HOUR

export const delayAfter = (attempts: number) => DELAYS[Math.min(attempts, DELAYS.length) - 1]!

/** What a mail server said, on as many lines as it took, as one that can be kept. */
export const asReply = (said: string) => said.toWellFormed().replaceAll(/\p{Cc}+/gu, ' ').trim().slice(0, MAX_REPLY)

/**
 * What a failure means (RFC 5321 §4.2.1). Only what the server said of this mail, after its recipient or its text, can end it: a sign-in or a sender
 * that it does not take is the operator's to mend, and every mail would end by it.
 */
export function verdictOf({ message, code, responseCode = 0, response, command }: SmtpFault): Verdict {
  const reply = asReply(response || message)
  const isOfMail = command === 'RCPT TO' || command === 'DATA'
  // Our own library refuses it before anything is said.
  if (command === 'API' && (code === 'EENVELOPE' || code === 'EMESSAGE')) return { outcome: 'refused', reply, bounced: false }
  // 503: commands in a wrong order, which another connection mends.
  if (isOfMail && responseCode >= 500 && responseCode !== 503) return { outcome: 'refused', reply, bounced: command === 'RCPT TO' && tellsNoSuchAddress(reply) }
  return {
    outcome: 'later',
    reply,
    ofServer: !isOfMail || responseCode === 421,
    ...command === 'STARTTLS' && response && { lacksEncryption: true },
  }
}

/**
 * By the enhanced code (RFC 3463: 5.1.x is about the address, 5.2.1 a mailbox that is closed); a server without one says 550, 551 or 553 (RFC 5321
 * §4.2.3). What is refused by a rule (5.7.x) or for a full mailbox (5.2.2) is no bounce: another mail may be taken.
 */
function tellsNoSuchAddress(reply: string): boolean {
  const [, status, enhanced] = /^(5\d\d)[ -](?:(5\.\d{1,3}\.\d{1,3})\b)?/.exec(reply) ?? []
  if (enhanced) return /^5\.(?:1\.(?:[1236]|10)|2\.1)$/.test(enhanced)
  return ['550', '551', '553'].includes(status ?? '')
}
