import type { RouteLocationRaw } from 'vue-router'
import type { AuditEvent } from '../../api/generated/types.gen.ts'

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
  sessions: ['session.*', 'user.*'],
  policies: ['policy.*'],
  requests: ['request.*'],
  instance: ['instance.*'],
} as const
export type EventKind = keyof typeof eventKinds

/** What happened, by the first part of the action: an icon beside the face. */
const icons: Record<string, string> = {
  file: 'i-lucide-file',
  folder: 'i-lucide-folder',
  item: 'i-lucide-file-pen',
  archive: 'i-lucide-file-archive',
  upload: 'i-lucide-upload',
  link: 'i-lucide-link',
  member: 'i-lucide-users',
  invitation: 'i-lucide-mail',
  workspace: 'i-lucide-building-2',
  session: 'i-lucide-key-round',
  user: 'i-lucide-user',
  policy: 'i-lucide-scroll-text',
  request: 'i-lucide-inbox',
  instance: 'i-lucide-settings',
}

export const eventIcon = ({ action }: Pick<AuditEvent, 'action'>) => icons[action.split('.')[0]!] ?? 'i-lucide-activity'

const text = (value: unknown) => typeof value === 'string' || typeof value === 'number'
  ? String(value)
  : ''
const change = (value: unknown) => (value ?? {}) as { from?: unknown, to?: unknown }

/** The part of the key under `audit.events`; what an action's details make another sentence has a name of its own. */
export function sentenceOf({ action, details, subject }: Pick<AuditEvent, 'action' | 'details' | 'subject'>): string {
  if (subject.kind === 'invitation' && subject.name === '') return `${action}_open`
  if (action === 'archive.downloaded' && Number(details.itemCount) > 1) return 'archive.downloaded_many'
  if (action === 'upload.aborted' && details.reason === 'moved') return 'upload.moved'
  if (action === 'upload.aborted' && details.reason !== 'aborted') return 'upload.lost'
  if (action === 'request.received') return `${action}_${text(details.kind)}`
  if (action === 'request.handled') return `${action}_${text(details.to)}`
  if (action === 'member.role_changed') {
    const { from, to } = change(details.role)
    if (from === to) return 'member.space_role_changed'
  }
  return action
}

export interface EventParts {
  from: string
  to: string
  count: string
  version: string
  reason: string
}

/** The details that sentences name. `role` and `space` put codes into the reader's words. */
export function partsOf({ action, details }: Pick<AuditEvent, 'action' | 'details'>, words: { role: (code: string) => string, spaceRole: (code: string) => string, reason: (code: string) => string }): EventParts {
  const parts = {
    from: text(details.from),
    to: text(details.to) || text(details.parentName),
    count: text(details.itemCount),
    version: text(details.version) || text(details.number),
    reason: words.reason(text(details.reason)),
  }
  if (action === 'member.role_changed') {
    const role = change(details.role)
    const space = change(details.spaceRole)
    const pair = role.from === role.to
      ? {
          from: words.spaceRole(text(space.from)),
          to: words.spaceRole(text(space.to)),
        }
      : {
          from: words.role(text(role.from)),
          to: words.role(text(role.to)),
        }
    return {
      ...parts,
      ...pair,
    }
  }
  if (action === 'workspace.changed') {
    const name = change(details.name)
    return {
      ...parts,
      from: text(name.from),
      to: text(name.to),
    }
  }
  return typeof details.role === 'string'
    ? {
        ...parts,
        to: words.role(details.role),
      }
    : parts
}

/** Where the subject can be seen, unless it is gone. `slug`: of the workspace whose log it is. */
export function placeOf({ action, subject, details }: Pick<AuditEvent, 'action' | 'subject' | 'details'>, slug: string | undefined): RouteLocationRaw | undefined {
  const { kind, id } = subject
  if (kind === 'policy') {
    return id && action !== 'policy.draft_deleted'
      ? {
          name: 'admin-policies-edit',
          params: { policyId: id },
        }
      : undefined
  }
  if (kind === 'request') {
    return {
      name: 'admin-requests',
      query: { state: 'all' },
    }
  }
  if (kind === 'instance') return { name: 'admin-settings' }
  if (slug === undefined) return undefined
  if (action === 'item.purged' || action === 'member.ended') return undefined
  if (action === 'item.trashed') {
    return {
      name: 'trash',
      params: { slug },
    }
  }
  switch (kind) {
    case 'folder':
      return {
        name: 'files',
        params: { slug, folderId: id ?? '' },
      }
    case 'file': {
      const folderId = text(details.toId) || text(details.parentId)
      return id === null
        ? undefined
        : {
            name: 'files',
            params: { slug, folderId },
            query: { panel: id },
          }
    }
    case 'link': return {
      name: 'links',
      params: { slug },
    }
    case 'member':
    case 'invitation': return {
      name: 'members',
      params: { slug },
    }
    case 'workspace': return {
      name: 'files',
      params: { slug },
    }
    default: return undefined
  }
}
