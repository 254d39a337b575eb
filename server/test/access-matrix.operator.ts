import type { Row } from './access-matrix.row.ts'
import { at } from './access-matrix.row.ts'

/** Routes of the server itself and of its operators. */
export const operatorRoutes: Record<string, Row> = {
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
    stepUp: true,
    call: () => ({
      path: '/admin/instance',
      body: { operatorsNeedFactor: false },
    }),
  },
  'GET /admin/retention': {
    expected: 'operators',
    call: at('/admin/retention'),
  },
  'PATCH /admin/retention': {
    expected: 'operators',
    stepUp: true,
    call: () => ({
      path: '/admin/retention',
      body: { kind: 'mails', days: 90 },
    }),
  },
  'GET /admin/oidc-providers': {
    expected: 'operators',
    call: at('/admin/oidc-providers'),
  },
  'POST /admin/oidc-providers/look-up': {
    expected: 'operators',
    call: ({ issuer }) => ({
      path: '/admin/oidc-providers/look-up',
      body: { issuer },
    }),
  },
  'POST /admin/oidc-providers': {
    expected: 'operators',
    stepUp: true,
    call: ({ unique }) => ({
      path: '/admin/oidc-providers',
      body: {
        slug: unique,
        name: unique,
        issuer: 'http://localhost:1',
        clientId: 'x',
      },
    }),
  },
  'PATCH /admin/oidc-providers/:providerId': {
    expected: 'operators',
    stepUp: true,
    call: t => ({
      path: `/admin/oidc-providers/${t.providerId}`,
      body: { isEnabled: false },
    }),
  },
  'POST /admin/oidc-providers/:providerId/try': {
    expected: 'operators',
    call: t => ({ path: `/admin/oidc-providers/${t.providerId}/try` }),
  },
  'DELETE /admin/oidc-providers/:providerId': {
    expected: 'operators',
    stepUp: true,
    call: t => ({ path: `/admin/oidc-providers/${t.providerId}` }),
  },
  'POST /admin/users/:userId/email-link': {
    expected: 'operators',
    stepUp: true,
    call: t => ({ path: `/admin/users/${t.askingUserId}/email-link` }),
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
    stepUp: true,
    call: t => ({ path: `/admin/announcements/${t.announcementId}/start` }),
  },
  'POST /admin/announcements/:announcementId/stop': {
    expected: 'operators',
    call: t => ({ path: `/admin/announcements/${t.shownAnnouncementId}/stop` }),
  },
  'POST /admin/workspaces': {
    expected: 'operators',
    stepUp: true,
    call: ({ unique }) => ({
      path: '/admin/workspaces',
      body: {
        name: unique,
        slug: unique,
        owner: { name: 'Ana', email: `${unique}@example.com` },
      },
    }),
  },
  'PUT /admin/workspaces/:workspaceId/quota': {
    expected: 'operators',
    foreign: 403,
    call: t => ({
      path: `/admin/workspaces/${t.workspaceId}/quota`,
      body: { quotaBytes: null },
    }),
  },
}
