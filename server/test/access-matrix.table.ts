import type { Rule } from './access-matrix.callers.ts'
import type { Call, Target } from './access-matrix.target.ts'

/** Every route of the server, who may call it, and on what. Read by access-matrix.test.ts. */

export interface Row {
  /** What each caller gets. */
  expected: Rule
  call: (target: Target) => Call
  /** What the owner gets for ids of another tenant, if not 404. */
  foreign?: 401
  /** A dangerous act, which asks a session to show lately what a sign-in asks for; `sometimes`: by what the body does. */
  stepUp?: true | 'sometimes'
  /** Answers with an endless stream. */
  isStream?: boolean
}

const at = (path: string) => (): Call => ({ path })
const inWorkspace = (path: string, body?: (target: Target) => object) => (target: Target): Call => ({
  path: `/workspaces/${target.workspaceId}${path}`,
  body: body?.(target),
})

export const table: Record<string, Row> = {
  'GET /healthz': {
    expected: 'everybody',
    call: at('/healthz'),
  },
  'GET /readyz': {
    expected: 'everybody',
    call: at('/readyz'),
  },
  'GET /openapi.json': {
    expected: 'everybody',
    call: at('/openapi.json'),
  },

  'GET /setup': {
    expected: 'everybody',
    call: at('/setup'),
  },
  'POST /setup': {
    expected: 'alwaysGone',
    call: () => ({
      path: '/setup',
      body: {
        token: 'x',
        name: 'x',
        email: 'x@example.com',
        password: 'drizzle-on-the-tin-roof',
        instanceName: 'x',
      },
    }),
  },
  'POST /setup/check': {
    expected: 'alwaysGone',
    call: () => ({
      path: '/setup/check',
      body: { token: 'x' },
    }),
  },
  'GET /instance': {
    expected: 'everybody',
    call: at('/instance'),
  },
  'GET /admin/instance': {
    expected: 'operators',
    call: at('/admin/instance'),
  },
  'PATCH /admin/instance': {
    expected: 'operators',
    call: () => ({
      path: '/admin/instance',
      body: { organisation: 'Harbour' },
    }),
  },

  'POST /auth/login': {
    expected: 'ownToken',
    call: ({ unique }) => ({
      path: '/auth/login',
      body: { email: `${unique}@example.com`, password: 'wrong' },
    }),
  },
  'POST /auth/mfa': {
    expected: 'ownToken',
    call: () => ({
      path: '/auth/mfa',
      body: { mfaToken: 'x', method: 'totp', code: '123456' },
    }),
  },
  'POST /auth/passkey/options': {
    expected: 'everybody',
    call: at('/auth/passkey/options'),
  },
  'POST /auth/passkey': {
    expected: 'badRequest',
    call: () => ({ path: '/auth/passkey', body: {} }),
  },
  'POST /auth/refresh': {
    expected: 'ownToken',
    call: at('/auth/refresh'),
  },
  'POST /auth/logout': {
    expected: 'everybody',
    call: at('/auth/logout'),
  },
  'GET /me': {
    expected: 'person',
    call: at('/me'),
  },
  'GET /me/events': {
    expected: 'person',
    call: at('/me/events'),
    isStream: true,
  },
  'GET /me/notifications': {
    expected: 'person',
    call: at('/me/notifications'),
  },
  'GET /me/notifications/unread': {
    expected: 'person',
    call: at('/me/notifications/unread'),
  },
  'POST /me/notifications/read': {
    expected: 'person',
    call: () => ({
      path: '/me/notifications/read',
      body: { all: true },
    }),
  },
  'POST /me/notifications/unread': {
    expected: 'person',
    call: () => ({
      path: '/me/notifications/unread',
      body: {
        ids: ['01890000-0000-7000-8000-000000000000'],
      },
    }),
  },
  'GET /public/unsubscribe/:token': {
    expected: 'alwaysGone',
    call: at('/public/unsubscribe/x'),
  },
  'PUT /public/unsubscribe/:token': {
    expected: 'alwaysGone',
    call: () => ({
      path: '/public/unsubscribe/x',
      body: { isOn: true },
    }),
  },
  'POST /unsubscribe/:token': {
    expected: 'alwaysGone',
    call: at('/unsubscribe/x'),
  },
  'GET /me/notification-preferences': {
    expected: 'person',
    call: at('/me/notification-preferences'),
  },
  'PUT /me/notification-preferences': {
    expected: 'person',
    call: () => ({
      path: '/me/notification-preferences',
      body: {
        choices: [],
        digestHour: 8,
        quietHours: null,
        unsubscribed: [],
      },
    }),
  },
  'GET /roles': {
    expected: 'person',
    call: at('/roles'),
  },
  'PATCH /me': {
    expected: 'person',
    call: () => ({
      path: '/me',
      body: { locale: 'en' },
    }),
  },
  'GET /me/factors': {
    expected: 'person',
    call: at('/me/factors'),
  },
  'POST /me/totp': {
    expected: 'person',
    stepUp: true,
    call: at('/me/totp'),
  },
  'POST /me/totp/confirm': {
    expected: 'wrongPassword',
    stepUp: true,
    call: () => ({ path: '/me/totp/confirm', body: {} }),
  },
  'DELETE /me/totp': {
    expected: 'ownMissing',
    stepUp: true,
    call: at('/me/totp'),
  },
  'POST /me/recovery-codes': {
    expected: 'ownConflict',
    stepUp: true,
    call: at('/me/recovery-codes'),
  },
  'POST /me/passkeys/options': {
    expected: 'person',
    stepUp: true,
    call: at('/me/passkeys/options'),
  },
  'POST /me/passkeys': {
    expected: 'wrongPassword',
    stepUp: true,
    call: () => ({ path: '/me/passkeys', body: {} }),
  },
  'PATCH /me/passkeys/:passkeyId': {
    expected: 'ownMissing',
    call: t => ({
      path: `/me/passkeys/${t.userId}`,
      body: { name: 'My phone' },
    }),
  },
  'DELETE /me/passkeys/:passkeyId': {
    expected: 'ownMissing',
    stepUp: true,
    call: t => ({ path: `/me/passkeys/${t.userId}` }),
  },
  'POST /me/step-up/options': {
    expected: 'person',
    call: at('/me/step-up/options'),
  },
  'POST /me/step-up': {
    expected: 'wrongPassword',
    call: () => ({
      path: '/me/step-up',
      body: { password: 'another one' },
    }),
  },
  'POST /me/password': {
    expected: 'wrongPassword',
    stepUp: true,
    call: () => ({
      path: '/me/password',
      body: { currentPassword: 'another one', newPassword: 'drizzle-on-the-tin-roof' },
    }),
  },
  'GET /me/sessions': {
    expected: 'person',
    call: at('/me/sessions'),
  },
  'DELETE /me/sessions': {
    expected: 'person',
    call: at('/me/sessions'),
  },
  'DELETE /me/sessions/:sessionId': {
    expected: 'onlyOwner',
    call: t => ({ path: `/me/sessions/${t.sessionId}` }),
  },
  'POST /auth/register': {
    // It is not open here.
    expected: 'closedToAll',
    call: ({ unique }) => ({
      path: '/auth/register',
      body: { email: `${unique}@example.com` },
    }),
  },
  'GET /auth/register/:token': {
    expected: 'alwaysGone',
    call: at('/auth/register/x'),
  },
  'POST /auth/register/:token': {
    expected: 'alwaysGone',
    call: () => ({
      path: '/auth/register/x',
      body: { name: 'x', password: 'drizzle-on-the-tin-roof' },
    }),
  },
  'POST /me/email': {
    expected: 'wrongPassword',
    stepUp: true,
    call: ({ unique }) => ({
      path: '/me/email',
      body: { email: `${unique}@example.com`, password: 'another one' },
    }),
  },
  'GET /auth/email/:token': {
    expected: 'alwaysGone',
    call: at('/auth/email/x'),
  },
  'POST /auth/email/:token': {
    expected: 'alwaysGone',
    call: at('/auth/email/x'),
  },
  'POST /auth/email/:token/undo': {
    expected: 'alwaysGone',
    call: at('/auth/email/x/undo'),
  },
  'POST /admin/users/:userId/email-link': {
    expected: 'operators',
    stepUp: true,
    call: t => ({ path: `/admin/users/${t.askingUserId}/email-link` }),
  },
  'GET /me/tokens': {
    expected: 'person',
    call: at('/me/tokens'),
  },
  'POST /me/tokens': {
    expected: 'person',
    stepUp: true,
    call: ({ unique }) => ({
      path: '/me/tokens',
      body: {
        name: unique,
        scopes: ['read'],
      },
    }),
  },
  'GET /me/tokens/:tokenId': {
    expected: 'onlyOwner',
    call: t => ({ path: `/me/tokens/${t.tokenId}` }),
  },
  'DELETE /me/tokens/:tokenId': {
    expected: 'onlyOwner',
    call: t => ({ path: `/me/tokens/${t.tokenId}` }),
  },
  'GET /me/announcements': {
    expected: 'person',
    call: at('/me/announcements'),
  },
  'POST /me/announcements/:announcementId/put-away': {
    expected: 'person',
    call: t => ({ path: `/me/announcements/${t.shownAnnouncementId}/put-away` }),
  },
  'POST /auth/password-reset': {
    expected: 'everybody',
    call: () => ({
      path: '/auth/password-reset',
      body: { email: 'x@example.com' },
    }),
  },
  'GET /auth/password-reset/:token': {
    expected: 'everybody',
    call: t => ({ path: `/auth/password-reset/${t.resetToken}` }),
  },
  'POST /auth/password-reset/:token': {
    expected: 'everybody',
    call: t => ({
      path: `/auth/password-reset/${t.resetToken}`,
      body: { password: 'drizzle-on-the-tin-roof' },
    }),
  },

  'GET /workspaces': {
    expected: 'person',
    call: at('/workspaces'),
  },
  'POST /workspaces': {
    expected: 'operators',
    call: ({ unique }) => ({
      path: '/workspaces',
      body: { name: 'New', slug: unique },
    }),
  },
  'GET /workspaces/:workspaceId': {
    expected: 'members',
    call: inWorkspace(''),
  },
  'PATCH /workspaces/:workspaceId': {
    expected: 'admins',
    call: inWorkspace('', () => ({ name: 'Renamed' })),
  },
  'GET /workspaces/:workspaceId/spaces': {
    expected: 'members',
    call: inWorkspace('/spaces'),
  },

  'GET /workspaces/:workspaceId/members': {
    expected: 'members',
    call: inWorkspace('/members'),
  },
  'PATCH /workspaces/:workspaceId/members/:memberId': {
    expected: 'admins',
    stepUp: 'sometimes',
    call: t => inWorkspace(`/members/${t.memberId}`, () => ({ spaceRole: 'viewer' }))(t),
  },
  'DELETE /workspaces/:workspaceId/members/:memberId': {
    expected: 'admins',
    stepUp: true,
    call: t => inWorkspace(`/members/${t.memberId}`)(t),
  },
  'GET /workspaces/:workspaceId/invitations': {
    expected: 'admins',
    call: inWorkspace('/invitations'),
  },
  'POST /workspaces/:workspaceId/invitations': {
    expected: 'admins',
    stepUp: 'sometimes',
    call: inWorkspace('/invitations', () => ({ role: 'staff' })),
  },
  'DELETE /workspaces/:workspaceId/invitations/:invitationId': {
    expected: 'admins',
    call: t => inWorkspace(`/invitations/${t.invitationId}`)(t),
  },
  'GET /public/invitations/:token': {
    expected: 'everybody',
    call: t => ({ path: `/public/invitations/${t.invitationToken}` }),
  },
  'POST /public/invitations/:token/accept': {
    // Nobody is asked for an account (400). A member stays what they are (409).
    expected: 'joining',
    call: t => ({ path: `/public/invitations/${t.invitationToken}/accept`, body: {} }),
  },

  'GET /workspaces/:workspaceId/items': {
    expected: 'seeFolder',
    call: t => inWorkspace(`/items?parentId=${t.rootId}`)(t),
  },
  'GET /workspaces/:workspaceId/items/selection': {
    expected: 'seeFolder',
    call: t => inWorkspace(`/items/selection?parentId=${t.rootId}`)(t),
  },
  'POST /workspaces/:workspaceId/folders': {
    expected: 'upload',
    call: inWorkspace('/folders', t => ({ parentId: t.rootId, name: t.unique })),
  },
  'GET /items/:itemId': {
    expected: 'seeFile',
    call: t => ({ path: `/items/${t.fileId}` }),
  },
  'PATCH /items/:itemId': {
    expected: 'change',
    call: t => ({
      path: `/items/${t.folderId}`,
      body: { name: t.unique },
    }),
  },
  'DELETE /items/:itemId': {
    expected: 'change',
    call: t => ({ path: `/items/${t.folderId}` }),
  },
  'POST /items/:itemId/restore': {
    expected: 'change',
    call: t => ({ path: `/items/${t.trashedId}/restore` }),
  },
  'POST /workspaces/:workspaceId/items/move': {
    expected: 'change',
    call: inWorkspace('/items/move', t => ({
      itemIds: [t.folderId],
      parentId: t.rootId,
      onConflict: 'rename',
    })),
  },
  'POST /workspaces/:workspaceId/items/trash': {
    expected: 'change',
    call: inWorkspace('/items/trash', t => ({
      itemIds: [t.folderId],
    })),
  },
  'GET /workspaces/:workspaceId/trash': {
    expected: 'members',
    call: inWorkspace('/trash'),
  },
  'POST /workspaces/:workspaceId/trash/restore': {
    expected: 'change',
    call: inWorkspace('/trash/restore', t => ({
      itemIds: [t.trashedId],
    })),
  },
  'POST /workspaces/:workspaceId/trash/purge': {
    expected: 'change',
    call: inWorkspace('/trash/purge', t => ({
      itemIds: [t.trashedId],
    })),
  },
  'GET /workspaces/:workspaceId/purges': {
    expected: 'members',
    call: inWorkspace('/purges'),
  },
  'DELETE /workspaces/:workspaceId/purges/:purgeId': {
    expected: 'onlyOwner',
    call: t => inWorkspace(`/purges/${t.purgeId}`)(t),
  },
  'GET /files/:fileId/versions': {
    expected: 'seeFile',
    call: t => ({ path: `/files/${t.fileId}/versions` }),
  },
  'POST /files/:fileId/versions/:version/restore': {
    // By the same two tables as sharing it: who may not see it learns nothing of it.
    expected: 'shareFile',
    call: t => ({ path: `/files/${t.fileId}/versions/1/restore` }),
  },

  'POST /workspaces/:workspaceId/files': {
    expected: 'upload',
    call: t => ({ path: `/workspaces/${t.workspaceId}/files?parentId=${t.rootId}&name=${t.unique}`, multipart: 'hello' }),
  },
  'POST /workspaces/:workspaceId/uploads': {
    expected: 'upload',
    call: inWorkspace('/uploads', t => ({ parentId: t.rootId, name: t.unique, size: 5 })),
  },
  'GET /workspaces/:workspaceId/uploads': {
    expected: 'members',
    call: inWorkspace('/uploads'),
  },
  'DELETE /workspaces/:workspaceId/uploads/:uploadId': {
    expected: 'onlyOwner',
    call: t => inWorkspace(`/uploads/${t.uploadId}`)(t),
  },
  'GET /uploads/:uploadId': {
    expected: 'ownToken',
    call: t => ({ path: `/uploads/${t.uploadId}` }),
    foreign: 401,
  },
  'PUT /uploads/:uploadId/parts/:n': {
    expected: 'ownToken',
    call: t => ({ path: `/uploads/${t.uploadId}/parts/1`, bytes: 'hello' }),
    foreign: 401,
  },
  'POST /uploads/:uploadId/complete': {
    expected: 'ownToken',
    call: t => ({ path: `/uploads/${t.uploadId}/complete`, body: {} }),
    foreign: 401,
  },
  'DELETE /uploads/:uploadId': {
    expected: 'ownToken',
    call: t => ({ path: `/uploads/${t.uploadId}` }),
    foreign: 401,
  },

  'GET /files/:fileId/content': {
    expected: 'download',
    call: t => ({ path: `/files/${t.fileId}/content` }),
  },
  'POST /files/:fileId/download': {
    expected: 'download',
    call: t => ({ path: `/files/${t.fileId}/download` }),
  },
  'POST /workspaces/:workspaceId/archives': {
    expected: 'download',
    call: inWorkspace('/archives', t => ({
      itemIds: [t.fileId],
    })),
  },
  'GET /files/:fileId/downloads': {
    expected: 'seeFile',
    call: t => ({ path: `/files/${t.fileId}/downloads` }),
  },
  'GET /items/:itemId/activity': {
    expected: 'seeFile',
    call: t => ({ path: `/items/${t.fileId}/activity` }),
  },
  'GET /downloads/:ticket': {
    expected: 'everybody',
    call: t => ({ path: `/downloads/${t.ticket}` }),
  },

  'POST /workspaces/:workspaceId/links': {
    expected: 'shareFile',
    call: inWorkspace('/links', t => ({
      itemIds: [t.fileId],
    })),
  },
  'GET /workspaces/:workspaceId/links': {
    expected: 'members',
    call: inWorkspace('/links'),
  },
  'GET /workspaces/:workspaceId/links/:linkId': {
    expected: 'seeFile',
    call: t => inWorkspace(`/links/${t.linkId}`)(t),
  },
  'GET /workspaces/:workspaceId/links/:linkId/activity': {
    expected: 'seeFile',
    call: t => inWorkspace(`/links/${t.linkId}/activity`)(t),
  },
  'PATCH /workspaces/:workspaceId/links/:linkId': {
    expected: 'shareFile',
    call: t => inWorkspace(`/links/${t.linkId}`, () => ({ title: 'Renamed' }))(t),
  },
  'DELETE /workspaces/:workspaceId/links/:linkId': {
    expected: 'shareFile',
    call: t => inWorkspace(`/links/${t.linkId}`)(t),
  },
  'GET /public/links/:token': {
    expected: 'everybody',
    call: t => ({ path: `/public/links/${t.linkToken}` }),
  },
  'GET /public/links/:token/items': {
    expected: 'alwaysGone',
    call: t => ({ path: `/public/links/${t.linkToken}/items?parentId=${t.rootId}` }),
  },
  'POST /public/links/:token/unlock': {
    expected: 'everybody',
    call: t => ({ path: `/public/links/${t.linkToken}/unlock`, body: {} }),
  },
  'POST /public/links/:token/download': {
    expected: 'everybody',
    call: t => ({ path: `/public/links/${t.linkToken}/download`, body: {} }),
  },

  'GET /workspaces/:workspaceId/audit': {
    expected: 'admins',
    call: inWorkspace('/audit'),
  },
  'GET /workspaces/:workspaceId/audit/days': {
    expected: 'admins',
    call: inWorkspace('/audit/days'),
  },
  'GET /workspaces/:workspaceId/audit/proof': {
    expected: 'admins',
    call: inWorkspace('/audit/proof'),
  },
  'GET /workspaces/:workspaceId/audit/export': {
    expected: 'admins',
    call: inWorkspace('/audit/export?format=csv'),
  },
  'POST /workspaces/:workspaceId/audit/exports': {
    expected: 'admins',
    call: inWorkspace('/audit/exports', () => ({ format: 'jsonl' })),
  },
  'GET /workspaces/:workspaceId/audit/unseen': {
    expected: 'admins',
    call: inWorkspace('/audit/unseen'),
  },
  'PUT /workspaces/:workspaceId/audit/seen': {
    expected: 'admins',
    call: inWorkspace('/audit/seen', () => ({ seq: 0 })),
  },
  'GET /admin/storage': {
    expected: 'operators',
    call: at('/admin/storage'),
  },
  'DELETE /admin/storage/kept': {
    expected: 'operators',
    call: at('/admin/storage/kept'),
  },
  'POST /admin/storage/check': {
    expected: 'operators',
    call: at('/admin/storage/check'),
  },
  'GET /admin/backups': {
    expected: 'operators',
    call: at('/admin/backups'),
  },
  'GET /admin/doctor': {
    expected: 'operators',
    call: at('/admin/doctor'),
  },
  'POST /admin/doctor/check': {
    expected: 'operators',
    call: at('/admin/doctor/check'),
  },
  'GET /admin/doctor/silence': {
    expected: 'operators',
    call: at('/admin/doctor/silence?seconds=0'),
  },
  'PUT /admin/doctor/body': {
    expected: 'operators',
    call: at('/admin/doctor/body'),
  },
  'GET /admin/readers': {
    expected: 'operators',
    call: at('/admin/readers'),
  },
  'GET /admin/audit': {
    expected: 'operators',
    call: at('/admin/audit'),
  },
  'GET /admin/audit/proof': {
    expected: 'operators',
    call: at('/admin/audit/proof'),
  },
  'GET /admin/audit/export': {
    expected: 'operators',
    call: at('/admin/audit/export?format=csv'),
  },
  'POST /admin/audit/exports': {
    expected: 'operators',
    call: () => ({
      path: '/admin/audit/exports',
      body: { format: 'csv' },
    }),
  },
  'GET /audit-exports': {
    expected: 'alwaysGone',
    call: at('/audit-exports?ticket=x'),
  },

  'GET /public/policies': {
    expected: 'everybody',
    call: at('/public/policies'),
  },
  'GET /public/policies/:slug': {
    expected: 'alwaysGone',
    call: at('/public/policies/unknown'),
  },
  'GET /public/policies/:slug/versions/:number': {
    expected: 'alwaysGone',
    call: at('/public/policies/unknown/versions/1'),
  },
  'GET /admin/policies': {
    expected: 'operators',
    call: at('/admin/policies'),
  },
  'GET /admin/policies/starter': {
    expected: 'operators',
    call: at('/admin/policies/starter?kind=privacy'),
  },
  'POST /admin/policies': {
    expected: 'operators',
    call: t => ({
      path: '/admin/policies',
      body: {
        kind: 'page',
        slug: t.unique,
        title: 'Page',
        markdown: 'Text',
      },
    }),
  },
  'GET /admin/policies/:policyId': {
    expected: 'operators',
    call: t => ({ path: `/admin/policies/${t.policyId}` }),
  },
  'PATCH /admin/policies/:policyId': {
    expected: 'operators',
    call: t => ({
      path: `/admin/policies/${t.policyId}`,
      body: { title: 'Renamed' },
    }),
  },
  'POST /admin/policies/:policyId/publish': {
    expected: 'operators',
    call: t => ({
      path: `/admin/policies/${t.policyId}/publish`,
      body: { effectiveOn: '2099-01-01', summary: 'First' },
    }),
  },
  'DELETE /admin/policies/:policyId': {
    expected: 'operators',
    call: t => ({ path: `/admin/policies/${t.policyId}` }),
  },

  'POST /public/requests': {
    expected: 'everybody',
    call: () => ({
      path: '/public/requests',
      body: {
        kind: 'access',
        name: 'Ana',
        email: 'ana@example.com',
        message: 'Hello',
      },
    }),
  },
  'GET /admin/users': {
    expected: 'operators',
    call: at('/admin/users'),
  },
  'PATCH /admin/users/:userId': {
    expected: 'operators',
    stepUp: true,
    call: t => ({
      path: `/admin/users/${t.userId}`,
      body: { disabled: true },
    }),
  },
  'POST /admin/users/:userId/end-sessions': {
    expected: 'operators',
    stepUp: true,
    call: t => ({ path: `/admin/users/${t.userId}/end-sessions` }),
  },
  'POST /admin/users/:userId/reset-factors': {
    expected: 'operators',
    stepUp: true,
    call: t => ({ path: `/admin/users/${t.userId}/reset-factors` }),
  },
  'POST /admin/users/:userId/reset-link': {
    expected: 'operators',
    stepUp: true,
    call: t => ({ path: `/admin/users/${t.userId}/reset-link` }),
  },
  'GET /admin/mail': {
    expected: 'operators',
    call: at('/admin/mail'),
  },
  'POST /admin/mail/test': {
    // The server that the settings name does not answer, and that is the answer.
    expected: 'operators',
    call: () => ({
      path: '/admin/mail/test',
      body: { to: 'x@example.com' },
    }),
  },
  'GET /admin/mails': {
    expected: 'operators',
    call: at('/admin/mails'),
  },
  'GET /admin/mails/:mailId': {
    expected: 'operators',
    call: t => ({ path: `/admin/mails/${t.mailId}` }),
  },
  'POST /admin/mails/:mailId/resend': {
    expected: 'operators',
    call: t => ({ path: `/admin/mails/${t.mailId}/resend` }),
  },
  'GET /admin/mail-suppressions': {
    expected: 'operators',
    call: at('/admin/mail-suppressions'),
  },
  'DELETE /admin/mail-suppressions/:address': {
    expected: 'operators',
    call: t => ({ path: `/admin/mail-suppressions/${t.suppressedAddress}` }),
  },
  'GET /admin/mail-templates': {
    expected: 'operators',
    call: at('/admin/mail-templates'),
  },
  'GET /admin/mail-templates/:name': {
    expected: 'operators',
    call: at('/admin/mail-templates/mail.test'),
  },
  'GET /admin/announcements': {
    expected: 'operators',
    call: at('/admin/announcements'),
  },
  'POST /admin/announcements': {
    expected: 'operators',
    call: () => ({
      path: '/admin/announcements',
      body: {
        kind: 'service',
        audience: { to: 'everyone' },
        texts: {
          en: { subject: 'Maintenance', markdown: 'Text' },
        },
      },
    }),
  },
  'GET /admin/announcements/:announcementId': {
    expected: 'operators',
    call: t => ({ path: `/admin/announcements/${t.announcementId}` }),
  },
  'PATCH /admin/announcements/:announcementId': {
    expected: 'operators',
    call: t => ({
      path: `/admin/announcements/${t.announcementId}`,
      body: { bannerDays: 3 },
    }),
  },
  'DELETE /admin/announcements/:announcementId': {
    expected: 'operators',
    call: t => ({ path: `/admin/announcements/${t.announcementId}` }),
  },
  'GET /admin/announcements/:announcementId/preview': {
    expected: 'operators',
    call: t => ({ path: `/admin/announcements/${t.announcementId}/preview?language=en` }),
  },
  'POST /admin/announcements/:announcementId/test': {
    expected: 'operators',
    call: t => ({ path: `/admin/announcements/${t.announcementId}/test` }),
  },
  'POST /admin/announcements/:announcementId/start': {
    expected: 'operators',
    call: t => ({ path: `/admin/announcements/${t.announcementId}/start` }),
  },
  'POST /admin/announcements/:announcementId/stop': {
    expected: 'operators',
    call: t => ({ path: `/admin/announcements/${t.shownAnnouncementId}/stop` }),
  },
  'GET /admin/requests': {
    expected: 'operators',
    call: at('/admin/requests'),
  },
  'PATCH /admin/requests/:requestId': {
    expected: 'operators',
    call: t => ({
      path: `/admin/requests/${t.requestId}`,
      body: { state: 'answered' },
    }),
  },
}
