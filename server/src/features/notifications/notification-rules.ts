import type { AuditAction, Concerned } from '../audit/define-action.ts'
import {
  fileUploaded,
  fileVersionAdded,
  invitationAccepted,
  itemTrashed,
  linkDownloaded,
  linkExpired,
  linkExpiring,
  linkOpened,
  linkRefused,
  memberEnded,
  memberRoleChanged,
  policyDrifted,
  policyPublished,
  requestOverdue,
  requestReceived,
  requestWrittenTo,
  sessionRefused,
  sessionStarted,
  tokenCreated,
  userDisabled,
  userEmailChanged,
  userEmailChangeUndone,
  userFactorAdded,
  userFactorRemoved,
  userFactorsReset,
  userPasswordChanged,
  userPasswordReset,
  userRecoveryCodeUsed,
  userSignInConnected,
  userSignInDisconnected,
  watchAccountRefusals,
  watchDeletions,
  watchDownloads,
  watchLinkRefusals,
  watchNetwork,
  watchOperatorNetwork,
  workspaceSecondFactorAsked,
  workspaceStorageFilled,
} from '../audit/audit.actions.ts'

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
  /** About who may use the person's account: told at once whatever they chose, also of their own act, for it may be another's in their name. */
  isEssential?: true
  /** Only what the instance's own log tells, of an action that workspaces' logs tell too. */
  ofInstance?: true
  /** Which of the action's events, by their details; without it, all. */
  only?: (details: Readonly<Record<string, unknown>>) => boolean
  /** Of the event's details: what its sentence and its place need. The log may be cut before the news goes. */
  details: readonly string[]
}

/** What the watch found: for whoever can do something about it. */
const found = { channel: 'at-once', gathers: 'subject' } satisfies Partial<NotificationRule>

const ofAccount = {
  channel: 'at-once',
  concerns: ['person'],
  gathers: 'subject',
  isEssential: true,
  details: [],
} satisfies Omit<NotificationRule, 'of'>

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
    of: linkExpiring,
    channel: 'at-once',
    concerns: ['sharer'],
    gathers: 'subject',
    details: ['expiresAt'],
  },
  {
    of: linkExpired,
    channel: 'app',
    concerns: ['sharer'],
    gathers: 'subject',
    details: ['expiresAt'],
  },
  {
    of: workspaceStorageFilled,
    channel: 'at-once',
    concerns: ['admins'],
    gathers: 'subject',
    details: ['percent', 'usedBytes', 'quotaBytes'],
  },
  {
    of: workspaceSecondFactorAsked,
    channel: 'at-once',
    concerns: ['asked'],
    gathers: 'subject',
    only: ({ askedOf }) => askedOf !== 'nobody',
    details: ['graceDays'],
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
    of: requestWrittenTo,
    channel: 'at-once',
    concerns: ['operators'],
    gathers: 'kind',
    details: ['kind'],
  },
  {
    of: requestOverdue,
    channel: 'at-once',
    concerns: ['operators'],
    gathers: 'kind',
    details: ['kind'],
  },
  {
    of: policyPublished,
    ofInstance: true,
    channel: 'at-once',
    concerns: ['operators', 'seats'],
    gathers: 'subject',
    details: ['number', 'effectiveOn'],
  },
  {
    of: policyDrifted,
    channel: 'at-once',
    concerns: ['operators'],
    gathers: 'subject',
    details: ['number', 'facts'],
  },
  {
    ...found,
    of: watchLinkRefusals,
    concerns: ['admins'],
    details: ['times'],
  },
  {
    ...found,
    of: watchDownloads,
    concerns: ['admins'],
    details: ['userId', 'times'],
  },
  {
    ...found,
    of: watchDeletions,
    concerns: ['admins'],
    details: ['userId', 'times'],
  },
  {
    ...found,
    of: watchNetwork,
    concerns: ['admins'],
    details: ['userId', 'network'],
  },
  {
    ...found,
    of: watchAccountRefusals,
    concerns: ['operators'],
    details: ['times'],
  },
  {
    ...found,
    of: watchOperatorNetwork,
    concerns: ['operators'],
    details: ['userId', 'network'],
  },
  {
    ...ofAccount,
    of: sessionStarted,
    only: ({ isNewDevice }) => isNewDevice === true,
  },
  {
    ...ofAccount,
    of: sessionRefused,
    // Whoever it was knew the password. Other refusals are somebody's guesses, which the watch counts.
    only: ({ reason }) => reason === 'second_factor_missing',
  },
  { ...ofAccount, of: userPasswordChanged },
  { ...ofAccount, of: userPasswordReset },
  { ...ofAccount, of: userFactorAdded },
  { ...ofAccount, of: userFactorRemoved },
  { ...ofAccount, of: userFactorsReset },
  { ...ofAccount, of: userRecoveryCodeUsed },
  { ...ofAccount, of: userSignInConnected },
  { ...ofAccount, of: userSignInDisconnected },
  { ...ofAccount, of: tokenCreated },
  {
    ...ofAccount,
    of: userEmailChanged,
    // Whoever changed it was written to at both addresses (users.mails.ts).
    channel: 'app',
  },
]

/** After these a person is not written to at all, or not there: what waits in the outbox is not sent. */
export const endsMails: readonly AuditAction[] = [userDisabled, userEmailChanged, userEmailChangeUndone]

const byType: ReadonlyMap<string, NotificationRule> = new Map(rules.map(rule => [rule.of.action, rule]))

/** Of what may be told: the names of the actions. */
export const notificationTypes = [
  ...byType.keys(),
]

/** Those of which people choose how they are told. */
export const chosenTypes = notificationTypes.filter(type => !byType.get(type)!.isEssential)

/** @throws {Error} for what is told to nobody */
export function ruleOf(type: string): NotificationRule {
  const rule = byType.get(type)
  if (!rule) throw new Error(`Nobody is told of ${type}`)
  return rule
}

/** Those that nothing ends. */
export const ESSENTIAL_MAIL = 'essential'

/** What mails are ended by: those at once of a type, and the digests. */
export const mailKinds = [...chosenTypes, 'daily', 'weekly']

/** The kind of mail that tells of something; undefined for none. */
export function mailKindOf(type: string, channel: Channel): string | undefined {
  if (channel === 'at-once' && ruleOf(type).isEssential) return ESSENTIAL_MAIL
  switch (channel) {
    case 'off':
    case 'app': return undefined
    case 'at-once': return type
    default: return channel
  }
}

/** As somebody chose it there, or else everywhere, or else the rule's. */
export function channelOf(choices: readonly { type: string, workspaceId?: string | null, channel: Channel }[], type: string, workspaceId: string | null): Channel {
  if (ruleOf(type).isEssential) return ruleOf(type).channel
  const own = choices.filter(choice => choice.type === type)
  const chosen = own.find(choice => workspaceId !== null && choice.workspaceId === workspaceId) ?? own.find(choice => choice.workspaceId == null)
  return chosen?.channel ?? ruleOf(type).channel
}
