import type { ActivityEvent, AuditEvent } from '../../api/generated/types.gen.ts'

/** An event of the log, or what somebody who may not see the log is told of one. */
export type ShownEvent = Omit<AuditEvent, 'hash'> & Partial<Pick<ActivityEvent, 'withheld'>>

/** The kinds of action that can be filtered, as the server's families of actions. */
export const eventKinds = {
  files: [
    'file.*',
    'folder.*',
    'item.*',
    'archive.*',
    'upload.*',
  ],
  links: ['link.*'],
  people: ['member.*', 'invitation.*'],
  workspace: ['workspace.*'],
  sessions: ['session.*', 'user.*', 'token.*'],
  policies: ['policy.*'],
  requests: ['request.*'],
  instance: [
    'instance.*',
    'retention.*',
    'mail.*',
    'announcement.*',
  ],
  alerts: ['watch.*'],
  exports: ['audit.*'],
} as const
export type EventKind = keyof typeof eventKinds

/** What happened: an icon beside the face. */
export const eventIcons: Record<AuditEvent['action'], string> = {
  'announcement.changed': 'i-lucide-pencil',
  'announcement.created': 'i-lucide-megaphone',
  'announcement.deleted': 'i-lucide-trash-2',
  'announcement.started': 'i-lucide-send',
  'announcement.stopped': 'i-lucide-octagon-x',
  'archive.downloaded': 'i-lucide-file-archive',
  'audit.exported': 'i-lucide-file-output',
  'file.downloaded': 'i-lucide-download',
  'file.integrity_failed': 'i-lucide-file-warning',
  'file.integrity_restored': 'i-lucide-file-check',
  'file.uploaded': 'i-lucide-upload',
  'file.version_added': 'i-lucide-file-up',
  'file.version_restored': 'i-lucide-history',
  'file.versions_purged': 'i-lucide-shredder',
  'folder.created': 'i-lucide-folder-plus',
  'instance.addresses_unreadable': 'i-lucide-triangle-alert',
  'instance.changed': 'i-lucide-settings',
  'instance.face_changed': 'i-lucide-house',
  'instance.templates_changed': 'i-lucide-message-square-text',
  'instance.key_rotated': 'i-lucide-key-round',
  'instance.set_up': 'i-lucide-rocket',
  'instance.storage_moved': 'i-lucide-hard-drive',
  'instance.store_adopted': 'i-lucide-hard-drive',
  'instance.provider_added': 'i-lucide-log-in',
  'instance.provider_changed': 'i-lucide-pencil',
  'instance.provider_removed': 'i-lucide-trash-2',
  'instance.restored': 'i-lucide-archive-restore',
  'invitation.accepted': 'i-lucide-mail-check',
  'invitation.created': 'i-lucide-mail-plus',
  'invitation.resent': 'i-lucide-mail-plus',
  'invitation.revoked': 'i-lucide-mail-x',
  'item.moved': 'i-lucide-folder-input',
  'item.purged': 'i-lucide-shredder',
  'item.renamed': 'i-lucide-file-pen',
  'item.restored': 'i-lucide-undo-2',
  'item.trashed': 'i-lucide-trash-2',
  'link.changed': 'i-lucide-pencil',
  'link.created': 'i-lucide-link',
  'link.downloaded': 'i-lucide-download',
  'link.expired': 'i-lucide-calendar-x',
  'link.expiring': 'i-lucide-calendar-clock',
  'link.opened': 'i-lucide-eye',
  'link.purged': 'i-lucide-shredder',
  'link.refused': 'i-lucide-shield-x',
  'link.revoked': 'i-lucide-unlink',
  'link.unlocked': 'i-lucide-lock-open',
  'mail.address_allowed': 'i-lucide-mail-check',
  'mail.resent': 'i-lucide-send',
  'mail.tested': 'i-lucide-mail-question-mark',
  'member.ended': 'i-lucide-user-minus',
  'member.joined': 'i-lucide-user-plus',
  'member.role_changed': 'i-lucide-user-cog',
  'policy.acceptances_exported': 'i-lucide-file-output',
  'policy.accepted': 'i-lucide-badge-check',
  'policy.approved': 'i-lucide-badge-check',
  'policy.created': 'i-lucide-scroll-text',
  'policy.draft_changed': 'i-lucide-file-pen',
  'policy.draft_deleted': 'i-lucide-trash-2',
  'policy.drifted': 'i-lucide-waves',
  'policy.facts_changed': 'i-lucide-list-checks',
  'policy.published': 'i-lucide-megaphone',
  'policy.withdrawn': 'i-lucide-archive',
  'request.approved': 'i-lucide-badge-check',
  'request.assigned': 'i-lucide-user-check',
  'request.extended': 'i-lucide-calendar-plus',
  'request.handled': 'i-lucide-check',
  'request.noted': 'i-lucide-sticky-note',
  'request.overdue': 'i-lucide-alarm-clock',
  'request.received': 'i-lucide-inbox',
  'request.replied': 'i-lucide-reply',
  'request.written_to': 'i-lucide-message-square-plus',
  'retention.changed': 'i-lucide-timer',
  'session.ended': 'i-lucide-log-out',
  'session.refused': 'i-lucide-shield-x',
  'session.reuse_detected': 'i-lucide-shield-alert',
  'session.started': 'i-lucide-log-in',
  'token.created': 'i-lucide-key-round',
  'token.ended': 'i-lucide-key-round',
  'upload.aborted': 'i-lucide-circle-x',
  'user.changed': 'i-lucide-user-pen',
  'user.consent_given': 'i-lucide-thumbs-up',
  'user.consent_withdrawn': 'i-lucide-thumbs-down',
  'user.disabled': 'i-lucide-user-lock',
  'user.email_change_asked': 'i-lucide-at-sign',
  'user.email_change_undone': 'i-lucide-undo-2',
  'user.email_changed': 'i-lucide-at-sign',
  'user.email_link_made': 'i-lucide-link',
  'user.enabled': 'i-lucide-user-check',
  'user.factor_added': 'i-lucide-shield-plus',
  'user.factor_removed': 'i-lucide-shield-off',
  'user.factors_reset': 'i-lucide-shield-off',
  'user.operator_made': 'i-lucide-shield-user',
  'user.operator_unmade': 'i-lucide-shield-minus',
  'user.passkey_renamed': 'i-lucide-fingerprint',
  'user.password_changed': 'i-lucide-key-round',
  'user.password_reset': 'i-lucide-key-round',
  'user.made': 'i-lucide-user-plus',
  'user.recovery_code_used': 'i-lucide-life-buoy',
  'user.registered': 'i-lucide-user-plus',
  'user.reset_asked': 'i-lucide-mail',
  'user.reset_link_made': 'i-lucide-link',
  'user.sessions_ended': 'i-lucide-log-out',
  'user.sign_in_connected': 'i-lucide-link',
  'user.sign_in_disconnected': 'i-lucide-unlink',
  'watch.account_refusals': 'i-lucide-siren',
  'watch.deletions': 'i-lucide-siren',
  'watch.downloads': 'i-lucide-siren',
  'watch.link_refusals': 'i-lucide-siren',
  'watch.network': 'i-lucide-siren',
  'watch.operator_network': 'i-lucide-siren',
  'workspace.changed': 'i-lucide-building-2',
  'workspace.created': 'i-lucide-building-2',
  'workspace.provider_added': 'i-lucide-log-in',
  'workspace.provider_changed': 'i-lucide-pencil',
  'workspace.provider_removed': 'i-lucide-trash-2',
  'workspace.quota_changed': 'i-lucide-hard-drive',
  'workspace.second_factor_asked': 'i-lucide-shield-check',
  'workspace.storage_filled': 'i-lucide-hard-drive',
  'workspace.watch_changed': 'i-lucide-bell-ring',
}

/** A newer server may know what this page does not. */
export const eventIcon = ({ action }: Pick<AuditEvent, 'action'>) => eventIcons[action] ?? 'i-lucide-activity'

export const text = (value: unknown) => typeof value === 'string' || typeof value === 'number'
  ? String(value)
  : ''
export interface Change { from?: unknown, to?: unknown }
export const isChange = (value: unknown): value is Change => typeof value === 'object' && value !== null && 'from' in value && 'to' in value
const change = (value: unknown) => isChange(value)
  ? value
  : {}
const namesOf = (items: unknown) => Array.isArray(items)
  ? items.map(item => text((item as { name?: unknown }).name)).filter(Boolean)
  : []
/** What was changed, by name: told as a list, or by the changes themselves. */
function changedOf({ changed, fields, ...details }: AuditEvent['details']): string[] {
  const told = changed ?? fields
  return Array.isArray(told)
    ? told.map(text)
    : Object.keys(details).filter(name => isChange(details[name]))
}

function downloadOf({ kind, items, fileCount, linkFileCount }: AuditEvent['details']): string {
  const named = namesOf(items).length > 0
  const [count, total] = [
    Number(fileCount),
    Number(linkFileCount),
  ]
  if (!(total > 1)) return named ? 'link.downloaded_items' : 'link.downloaded'
  if (kind === 'file' && named) return 'link.downloaded_one'
  if (count === total) return 'link.downloaded_all'
  return named ? 'link.downloaded_some' : 'link.downloaded'
}

/** The part of the key under `audit.events`; what an action's details make another sentence has a name of its own. */
export function sentenceOf({ action, details, subject }: Pick<AuditEvent, 'action' | 'details' | 'subject'>): string {
  if (subject.kind === 'invitation' && subject.name === '') return `${action}_open`
  switch (action) {
    case 'archive.downloaded':
      return namesOf(details.items).length > 1
        ? 'archive.downloaded_many'
        : action
    case 'file.uploaded':
      return text(details.parentName)
        ? 'file.uploaded_to'
        : action
    case 'item.purged':
      return subject.kind === 'folder' && Number(details.files) > 1
        ? 'item.purged_with'
        : action
    case 'upload.aborted':
      return details.reason === 'aborted'
        ? action
        : details.reason === 'moved' || details.reason === 'restored'
          ? `upload.${details.reason}`
          : 'upload.lost'
    case 'link.created':
      // Without a title its name says what it leads to.
      return namesOf(details.items).length > 0 && !subject.name.startsWith(namesOf(details.items)[0]!)
        ? 'link.created_for'
        : action
    case 'link.downloaded': return downloadOf(details)
    case 'link.changed':
    case 'user.changed':
    case 'instance.changed':
    case 'policy.draft_changed':
    case 'policy.facts_changed':
      return changedOf(details).length > 0
        ? `${action}_what`
        : action
    case 'user.factor_added':
    case 'user.factor_removed': return `${action}_${text(details.factor)}`
    case 'workspace.second_factor_asked': return `${action}_${text(details.askedOf)}`
    case 'workspace.quota_changed': return change(details.quotaBytes).to === null
      ? `${action}_none`
      : action
    case 'user.password_reset':
      return details.by === 'link' || details.by === 'proof'
        ? `${action}_${details.by}`
        : action
    case 'session.refused':
      return text(details.reason)
        ? 'session.refused_why'
        : action
    case 'request.received': return `${action}_${text(details.kind)}`
    case 'request.assigned': return details.userId === null
      ? `${action}_nobody`
      : action
    case 'request.handled': return `${action}_${text(details.to)}`
    case 'member.role_changed': {
      const { from, to } = change(details.role)
      return from === to
        ? 'member.space_role_changed'
        : action
    }
    default: return action
  }
}

export interface EventParts {
  from: string
  to: string
  count: string
  total: string
  version: string
  restoredFrom: string
  reason: string
  items: string
  what: string
  format: string
  kept: string
  missing: string
  name: string
  times: string
  network: string
  percent: string
}

/** Puts codes into the reader's words. */
export interface EventWords {
  role: (code: string) => string
  spaceRole: (code: string) => string
  reason: (code: string) => string
  code: (code: string) => string
  /** “Annex A.pdf and 2 more” */
  some: (first: string, more: number) => string
  list: (words: string[]) => string
}

/** The details that sentences name. */
export function partsOf({ action, details }: Pick<AuditEvent, 'action' | 'details'>, words: EventWords): EventParts {
  const names = namesOf(details.items)
  const parts = {
    from: text(details.from),
    to: text(details.to) || text(details.parentName),
    count: text(details.fileCount) || text(details.files),
    total: text(details.linkFileCount),
    version: text(details.version) || text(details.number),
    restoredFrom: text(details.restoredFrom),
    reason: words.reason(text(details.reason)),
    items: names.length > 1
      ? words.some(names[0]!, Math.max(names.length, Number(details.itemCount) || 0) - 1)
      : names[0] ?? '',
    what: words.list(changedOf(details).map(words.code)),
    format: words.code(text(details.format)),
    kept: text(details.kept),
    missing: text(details.missing),
    name: text(details.tokenName),
    times: text(details.times),
    network: text(details.network),
    percent: text(details.percent),
  }
  if (action === 'member.role_changed') {
    const role = change(details.role)
    const space = change(details.spaceRole)
    return {
      ...parts,
      ...role.from === role.to
        ? {
            from: words.spaceRole(text(space.from)),
            to: words.spaceRole(text(space.to)),
          }
        : {
            from: words.role(text(role.from)),
            to: words.role(text(role.to)),
          },
    }
  }
  if (action === 'instance.storage_moved') {
    return {
      ...parts,
      from: words.code(parts.from),
      to: words.code(parts.to),
    }
  }
  if (action === 'retention.changed') {
    return {
      ...parts,
      what: words.code(`kept-${text(details.data)}`),
    }
  }
  if (action === 'workspace.changed') {
    return {
      ...parts,
      from: text(change(details.name).from),
    }
  }
  return typeof details.role === 'string'
    ? {
        ...parts,
        to: words.role(details.role),
      }
    : parts
}
