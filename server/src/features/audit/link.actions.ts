import { Type } from 'typebox'
import { Bytes, Instant, Literals, Nullable } from '../../http/schemas.ts'
import { Change, Count, place, someItems, version } from './action-details.ts'
import { ofWorkspace, Personal } from './define-action.ts'

/* What happens to secure links, and by them. */

const limits = {
  expiresAt: Nullable(Instant),
  maxDownloads: Nullable(Count),
}

export const linkCreated = ofWorkspace('link.created', {
  subject: ['link'],
  details: {
    ...someItems,
    ...limits,
    hasPassword: Type.Boolean(),
  },
  concerns: ['sharer', 'admins'],
})
export const linkSettings = [
  'title',
  'message',
  'password',
  'expiresAt',
  'maxDownloads',
  'items',
] as const
/** `changed` names all that did, also what is not told: a message, a password. */
export const linkChanged = ofWorkspace('link.changed', {
  subject: ['link'],
  details: {
    changed: Type.Array(Literals(...linkSettings)),
    title: Type.Optional(Personal(Change(Nullable(Type.String())))),
    expiresAt: Type.Optional(Change(limits.expiresAt)),
    maxDownloads: Type.Optional(Change(limits.maxDownloads)),
    hasPassword: Type.Optional(Change(Type.Boolean())),
    itemCount: Type.Optional(Change(Count)),
    items: Type.Optional(someItems.items),
  },
  concerns: ['sharer', 'admins'],
})
export const linkRevoked = ofWorkspace('link.revoked', {
  subject: ['link'],
  details: { openCount: Count, downloadCount: Count },
  concerns: ['sharer', 'admins'],
})
/** By the time alone, some days before. */
export const linkExpiring = ofWorkspace('link.expiring', {
  subject: ['link'],
  details: { expiresAt: Instant },
  concerns: ['sharer', 'admins'],
})
export const linkExpired = ofWorkspace('link.expired', {
  subject: ['link'],
  details: {
    expiresAt: Instant,
    openCount: Count,
    downloadCount: Count,
  },
  concerns: ['sharer', 'admins'],
})
/** It had ended, and its time was over (`retention`). */
export const linkPurged = ofWorkspace('link.purged', {
  subject: ['link'],
  details: { openCount: Count, downloadCount: Count },
  concerns: ['sharer', 'admins'],
})
export const linkOpened = ofWorkspace('link.opened', {
  subject: ['link'],
  details: {},
  concerns: ['sharer'],
})
export const linkUnlocked = ofWorkspace('link.unlocked', {
  subject: ['link'],
  details: {},
  concerns: ['sharer'],
})
export const linkRefused = ofWorkspace('link.refused', {
  subject: ['link'],
  details: {
    reason: Literals('expired', 'revoked', 'suspended', 'used_up', 'wrong_password'),
  },
  refusal: true,
  concerns: ['sharer', 'admins'],
})
/** `fileCount` of the `linkFileCount` files that the link leads to; a single file with its version and folder. */
export const linkDownloaded = ofWorkspace('link.downloaded', {
  subject: ['link'],
  details: {
    ...someItems,
    ...place,
    kind: Literals('file', 'archive'),
    version: Type.Optional(version),
    fileCount: Count,
    linkFileCount: Count,
    sizeBytes: Bytes,
    downloadCount: Count,
    maxDownloads: Nullable(Count),
  },
  concerns: ['sharer', 'readers'],
})
