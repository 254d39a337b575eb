import type { RouteLocationRaw } from 'vue-router'
import type { Notification, NotificationPreferences } from '../../api/generated/types.gen.ts'
import { placeOf } from '../audit/event-places.ts'

export type NotificationType = Notification['type']
export type ChosenType = NotificationPreferences['choices'][number]['type']

/** Those of which people choose how they are told, in the order in which they see them. */
const chosenTypes: readonly ChosenType[] = [
  'file.uploaded',
  'file.version_added',
  'item.trashed',
  'link.opened',
  'link.downloaded',
  'link.refused',
  'link.expiring',
  'link.expired',
  'invitation.accepted',
  'member.role_changed',
  'member.ended',
  'request.received',
  'request.written_to',
  'request.overdue',
  'policy.published',
  'policy.drifted',
  'workspace.second_factor_asked',
  'workspace.storage_filled',
  'watch.link_refusals',
  'watch.downloads',
  'watch.deletions',
  'watch.network',
  'watch.account_refusals',
  'watch.operator_network',
]

/** About who may use one's account: told whatever one chooses. */
export const essentialTypes: readonly Exclude<NotificationType, ChosenType>[] = [
  'session.started',
  'session.refused',
  'user.password_changed',
  'user.password_reset',
  'user.factor_added',
  'user.factor_removed',
  'user.factors_reset',
  'user.recovery_code_used',
  'user.sign_in_connected',
  'user.sign_in_disconnected',
  'user.email_changed',
  'token.created',
]
export const isEssential = (type: NotificationType) => (essentialTypes as readonly NotificationType[]).includes(type)

export const notificationTypes: readonly NotificationType[] = [
  ...chosenTypes,
  ...essentialTypes,
]

/** Which of them concern operators of the deployment alone. */
const operatorsOnly: readonly NotificationType[] = [
  'request.received',
  'policy.drifted',
  'request.written_to',
  'request.overdue',
  'watch.account_refusals',
  'watch.operator_network',
]

/** And which the administrators of a workspace. */
const adminsOnly: readonly NotificationType[] = [
  'workspace.storage_filled',
  'watch.link_refusals',
  'watch.downloads',
  'watch.deletions',
  'watch.network',
]

/** And which whoever is more than a client's contact. */
const staffOnly: readonly NotificationType[] = [
  'link.opened',
  'link.downloaded',
  'link.refused',
  'link.expiring',
  'link.expired',
  'invitation.accepted',
  'member.role_changed',
  'member.ended',
]

interface Reader { isOperator: boolean, memberships: readonly { role: string }[] }
const isFor = (type: NotificationType, { isOperator, memberships }: Reader) =>
  (isOperator || !operatorsOnly.includes(type)) && (!staffOnly.includes(type) || memberships.some(({ role }) => role !== 'client')) && (!adminsOnly.includes(type) || memberships.some(({ role }) => role === 'owner' || role === 'admin'))
export const typesFor = (reader: Reader) => notificationTypes.filter(type => isFor(type, reader))
export const chosenTypesFor = (reader: Reader) => chosenTypes.filter(type => isFor(type, reader))

const isAbout = ({ details }: Notification, userId: string | undefined) => details.userId !== undefined && details.userId === userId

/** The part of the key under `notifications.sentences`, each with a form for one event and one for many. */
export function sentenceOf(notification: Notification, userId: string | undefined): string {
  const { type, place, details } = notification
  switch (type) {
    case 'file.uploaded':
    case 'file.version_added':
    case 'item.trashed': return place
      ? `${type}_in`
      : type
    case 'watch.downloads':
    case 'watch.deletions':
    case 'watch.network':
    case 'watch.operator_network': return isAbout(notification, userId)
      ? `${type}_you`
      : type
    case 'member.ended':
    case 'member.role_changed':
      if (isAbout(notification, userId)) return `${type}_you`
      return type === 'member.ended' && isAbout(notification, notification.actor.id ?? undefined)
        ? `${type}_self`
        : type
    case 'request.received': return `${type}_${String(details.kind)}`
    default: return type
  }
}

/** Where it happened, if there is something to see there. */
export function targetOf(notification: Notification, reader: { userId?: string, isOperator: boolean, slugs: readonly string[] }): RouteLocationRaw | undefined {
  const { type, count, place, workspace, subject, details } = notification
  if (type === 'policy.published' && !reader.isOperator) return '/policies'
  if (isEssential(type) || type === 'workspace.second_factor_asked') return { name: 'account' }
  const slug = workspace?.slug
  if (slug !== undefined && !reader.slugs.includes(slug)) return undefined
  // Where one ends what is not one's own.
  if (type.startsWith('watch.') && isAbout(notification, reader.userId)) return { name: 'account' }
  if (slug !== undefined && (type === 'member.ended' || isAbout(notification, reader.userId))) {
    return {
      name: 'members',
      params: { slug },
    }
  }
  if (count > 1 && place && slug !== undefined && type !== 'item.trashed') {
    return {
      name: 'files',
      params: { slug, folderId: place.id },
    }
  }
  return placeOf({
    action: type,
    subject,
    details: { ...details, parentId: place?.id },
  }, slug)
}

/** The part of the key under `notifications.advice`: what to do about it, where there is something. */
export function adviceOf(notification: Notification, userId: string | undefined): string | undefined {
  const { type } = notification
  if (type.startsWith('watch.')) {
    return isAbout(notification, userId)
      ? 'watch.you'
      : type
  }
  return type === 'workspace.storage_filled'
    ? type
    : undefined
}

/** The key of what a kind of mail is called: a type's at once, a digest, or announcements that one has agreed to. */
export const mailKindKey = (kind: string) => (['daily', 'weekly', 'launch', 'product'].includes(kind)
  ? `notifications.kinds.${kind}`
  : `notifications.types.${kind}`)
