import type { Row } from './access-matrix.row.ts'
import { contentHash } from '../src/features/policies/policies.policy.ts'
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
  'GET /admin/policies': {
    expected: 'operators',
    call: at('/admin/policies'),
  },
  'GET /admin/policies/starter': {
    expected: 'operators',
    call: at('/admin/policies/starter?kind=privacy'),
  },
  'GET /admin/policies/facts': {
    expected: 'operators',
    call: at('/admin/policies/facts'),
  },
  'POST /admin/policies/preview': {
    expected: 'operators',
    call: () => ({
      path: '/admin/policies/preview',
      body: { language: 'en', markdown: '{{instance}}' },
    }),
  },
  'GET /admin/policy-facts': {
    expected: 'operators',
    call: at('/admin/policy-facts'),
  },
  'PUT /admin/policy-facts': {
    expected: 'operators',
    call: () => ({
      path: '/admin/policy-facts',
      body: { jurisdiction: 'German law' },
    }),
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
  'POST /admin/policies/:policyId/approve': {
    expected: 'operators',
    call: t => ({
      path: `/admin/policies/${t.writtenPolicyId}/approve`,
      body: {
        sha256: contentHash(['de', 'en'].map(language => ({
          language,
          title: 'Page',
          markdown: 'Text',
          highlights: [],
        }))),
      },
    }),
  },
  'DELETE /admin/policies/:policyId/drafts/:language': {
    expected: 'operators',
    call: t => ({ path: `/admin/policies/${t.writtenPolicyId}/drafts/de` }),
  },
  'DELETE /admin/policies/:policyId': {
    expected: 'operators',
    call: t => ({ path: `/admin/policies/${t.policyId}` }),
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
  'GET /admin/requests/:requestId': {
    expected: 'operators',
    call: t => ({ path: `/admin/requests/${t.requestId}` }),
  },
  'POST /admin/requests/:requestId/notes': {
    expected: 'operators',
    call: t => ({
      path: `/admin/requests/${t.requestId}/notes`,
      body: { text: 'Ask Ana' },
    }),
  },
  'POST /admin/requests/:requestId/replies': {
    expected: 'operators',
    call: t => ({
      path: `/admin/requests/${t.requestId}/replies`,
      body: { text: 'Hello' },
    }),
  },
  'POST /admin/requests/:requestId/extend': {
    expected: 'operators',
    call: t => ({
      path: `/admin/requests/${t.privacyRequestId}/extend`,
      body: { reason: 'It is much' },
    }),
  },
  'POST /admin/requests/:requestId/approve': {
    expected: 'operators',
    stepUp: true,
    call: t => ({
      path: `/admin/requests/${t.requestId}/approve`,
      body: { workspaceName: t.unique, slug: t.unique },
    }),
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
  'GET /admin/request-templates': {
    expected: 'operators',
    call: at('/admin/request-templates'),
  },
  'PUT /admin/request-templates': {
    expected: 'operators',
    call: () => ({
      path: '/admin/request-templates',
      body: { items: [] },
    }),
  },
  'PUT /admin/public-face': {
    expected: 'operators',
    call: () => ({
      path: '/admin/public-face',
      body: { home: 'auto', texts: {}, links: [] },
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
