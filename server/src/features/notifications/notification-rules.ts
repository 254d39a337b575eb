import type { AuditAction, Concerned } from '../audit/define-action.ts'
import {
  fileUploaded,
  fileVersionAdded,
  invitationAccepted,
  itemTrashed,
  linkDownloaded,
  linkOpened,
  linkRefused,
  memberEnded,
  memberRoleChanged,
  policyPublished,
  requestReceived,
} from '../audit/audit.actions.ts'

/** So long news is kept, read or not; the privacy policy tells. */
export const NOTIFICATIONS_KEPT_DAYS = 90

/** How somebody is told: not at all, in the app, or there and by mail. */
export const channels = [
  'off',
  'app',
  'at-once',
  'daily',
  'weekly',
] as const
export type Channel = typeof channels[number]

/**
 * What makes several events one line, besides who did it, and the hour: the folder in which it happened, what it was done to, or nothing more.
 */
export type Gathered = 'place' | 'subject' | 'kind'

export interface NotificationRule {
  of: AuditAction
  /** Of whoever has not chosen another. */
  channel: Channel
  /** Whom it is told, of those whom the catalogue says that it may concern. */
  concerns: readonly Concerned[]
  gathers: Gathered
  /** Of the event's details: what its sentence and its place need. The log may be cut before the news goes. */
  details: readonly string[]
}

/** Which events of the log are told to whom. An event's type is its action's name; what does not stand here is told to nobody. */
const rules: readonly NotificationRule[] = [
  {
    of: fileUploaded,
    channel: 'daily',
    concerns: ['readers'],
    gathers: 'place',
    details: [],
  },
  {
    of: fileVersionAdded,
    channel: 'daily',
    concerns: ['readers'],
    gathers: 'place',
    details: ['version'],
  },
  {
    of: itemTrashed,
    channel: 'daily',
    concerns: ['uploader'],
    gathers: 'place',
    details: [],
  },
  {
    of: linkOpened,
    channel: 'app',
    concerns: ['sharer'],
    gathers: 'subject',
    details: [],
  },
  {
    of: linkDownloaded,
    channel: 'daily',
    concerns: ['sharer'],
    gathers: 'subject',
    details: [],
  },
  {
    of: linkRefused,
    channel: 'app',
    concerns: ['sharer'],
    gathers: 'subject',
    details: ['reason'],
  },
  {
    of: invitationAccepted,
    channel: 'at-once',
    concerns: ['admins'],
    gathers: 'subject',
    details: ['role'],
  },
  {
    of: memberRoleChanged,
    channel: 'at-once',
    concerns: ['person', 'admins'],
    gathers: 'subject',
    details: ['userId', 'role', 'spaceRole'],
  },
  {
    of: memberEnded,
    channel: 'at-once',
    concerns: ['person', 'admins'],
    gathers: 'subject',
    details: ['userId'],
  },
  {
    of: requestReceived,
    channel: 'at-once',
    concerns: ['operators'],
    gathers: 'kind',
    details: ['kind'],
  },
  {
    of: policyPublished,
    channel: 'at-once',
    concerns: ['operators', 'owners'],
    gathers: 'subject',
    details: ['number', 'effectiveOn'],
  },
]

const byType: ReadonlyMap<string, NotificationRule> = new Map(rules.map(rule => [rule.of.action, rule]))

/** Of what may be told: the names of the actions. */
export const notificationTypes = [
  ...byType.keys(),
]

/** @throws {Error} for what is told to nobody */
export function ruleOf(type: string): NotificationRule {
  const rule = byType.get(type)
  if (!rule) throw new Error(`Nobody is told of ${type}`)
  return rule
}

/** What mails are ended by: those at once of a type, and the digests. */
export const mailKinds = [...notificationTypes, 'daily', 'weekly']

/** The kind of mail that tells of something; undefined for none. */
export function mailKindOf(type: string, channel: Channel): string | undefined {
  switch (channel) {
    case 'off':
    case 'app': return undefined
    case 'at-once': return type
    default: return channel
  }
}

/** As somebody chose it there, or else everywhere, or else the rule's. */
export function channelOf(choices: readonly { type: string, workspaceId?: string | null, channel: Channel }[], type: string, workspaceId: string | null): Channel {
  const own = choices.filter(choice => choice.type === type)
  const chosen = own.find(choice => workspaceId !== null && choice.workspaceId === workspaceId) ?? own.find(choice => choice.workspaceId == null)
  return chosen?.channel ?? ruleOf(type).channel
}
