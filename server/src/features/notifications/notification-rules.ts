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

/** How somebody is told: not at all, or in the app. */
export const channels = ['off', 'app'] as const
export type Channel = typeof channels[number]

/**
 * What makes several events one line, besides who did it, and the hour: the folder in which it happened, what it was done to, or nothing more.
 */
export type Gathered = 'place' | 'subject' | 'kind'

export interface NotificationRule {
  of: AuditAction
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
    concerns: ['readers'],
    gathers: 'place',
    details: [],
  },
  {
    of: fileVersionAdded,
    concerns: ['readers'],
    gathers: 'place',
    details: ['version'],
  },
  {
    of: itemTrashed,
    concerns: ['uploader'],
    gathers: 'place',
    details: [],
  },
  {
    of: linkOpened,
    concerns: ['sharer'],
    gathers: 'subject',
    details: [],
  },
  {
    of: linkDownloaded,
    concerns: ['sharer'],
    gathers: 'subject',
    details: [],
  },
  {
    of: linkRefused,
    concerns: ['sharer'],
    gathers: 'subject',
    details: ['reason'],
  },
  {
    of: invitationAccepted,
    concerns: ['admins'],
    gathers: 'subject',
    details: ['role'],
  },
  {
    of: memberRoleChanged,
    concerns: ['person', 'admins'],
    gathers: 'subject',
    details: ['userId', 'role', 'spaceRole'],
  },
  {
    of: memberEnded,
    concerns: ['person', 'admins'],
    gathers: 'subject',
    details: ['userId'],
  },
  {
    of: requestReceived,
    concerns: ['operators'],
    gathers: 'kind',
    details: ['kind'],
  },
  {
    of: policyPublished,
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
