import type { RouteLocationRaw } from 'vue-router'
import type { AuditEvent } from '../../api/generated/types.gen.ts'
import { text } from './event-words.ts'

/** Where the subject can be seen, unless it is gone. `slug`: of the workspace whose log it is. */
export function placeOf({ action, subject, details }: Pick<AuditEvent, 'action' | 'subject' | 'details'>, slug: string | undefined): RouteLocationRaw | undefined {
  const { kind, id } = subject
  if (kind === 'policy') {
    return id && action !== 'policy.draft_deleted'
      ? slug === undefined
        ? {
            name: 'admin-policies-edit',
            params: { policyId: id },
          }
        : {
            name: 'workspace-policies-edit',
            params: { slug, policyId: id },
          }
      : undefined
  }
  if (kind === 'request') {
    return {
      name: 'admin-requests',
      params: { requestId: id ?? '' },
      query: { state: 'all' },
    }
  }
  if (kind === 'announcement') {
    return id && action !== 'announcement.deleted'
      ? {
          name: 'admin-announcements-edit',
          params: { announcementId: id },
        }
      : undefined
  }
  if (action === 'watch.account_refusals' || action === 'watch.operator_network') {
    return {
      name: 'admin-people',
      query: { q: subject.name },
    }
  }
  if (kind === 'mail') return { name: 'admin-mail' }
  if (action === 'instance.face_changed') return { name: 'admin-settings-home' }
  if (action === 'retention.changed') return { name: 'admin-retention' }
  if (kind === 'instance') return { name: 'admin-settings' }
  if (slug === undefined) return undefined
  if (action === 'item.purged' || action === 'link.purged' || action === 'member.ended') return undefined
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
      return id === null || folderId === ''
        ? undefined
        : {
            name: 'files',
            params: { slug, folderId },
            query: { panel: id },
          }
    }
    case 'link': return id === null
      ? undefined
      : {
          name: 'links-link',
          params: { slug, linkId: id },
        }
    case 'member': return {
      name: 'members',
      params: { slug },
      // Whom it is about stands out there.
      ...action.startsWith('watch.') && id !== null && {
        query: { person: id },
      },
    }
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
