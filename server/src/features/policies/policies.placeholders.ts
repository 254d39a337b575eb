import type { InstanceSettings } from '../instance/instance.schemas.ts'
import type { PolicyKind } from './policies.schemas.ts'

/** The settings that they name. */
export type StarterSettings = Omit<InstanceSettings, 'registration' | 'registrationDomains' | 'operatorsNeedFactor'>

/** What starter texts say of this deployment, read from where the server itself reads it. */
export interface StarterFacts extends StarterSettings {
  sessionCookie: string
  deviceCookie: string
  deviceDays: number
  networkDays: number
  /** For how long the cookie of a session that has ended is kept. */
  endedSessionDays: number
  codeCookie: string
  codeMinutes: number
  linkCookie: string
  linkMinutes: number
  /** How long requests are kept once they are answered, or marked as spam. */
  answeredRequestDays: number
  spamRequestDays: number
  /** How long a mail stands in the outbox. */
  mailDays: number
  notificationDays: number
}

export interface Starter { title: string, markdown: string }
export type Starters = Record<PolicyKind, (facts: StarterFacts) => Starter>

/** Something that only the operator can say. A text that still contains one is not published. */
export const placeholder = (text: string) => `[[TO DO: ${text}]]`

export function placeholdersIn(markdown: string): string[] {
  // Also one whose end was lost while editing.
  return [
    ...markdown.matchAll(/\[\[TO DO:([^\]\n]*)/g),
  ].map(([, text]) => text!.trim())
}

/** A setting as Markdown that shows it literally, on one line; or the placeholder that names the setting. */
export function fact(value: string, missing: string): string {
  const line = value.split(/\r?\n/).map(part => part.trim()).filter(Boolean).join(', ')
  return line === ''
    ? placeholder(missing)
    : line.replaceAll(/[\\`*_[\]<>#|~]/g, '\\$&')
}
