import type { Row } from './access-matrix.row.ts'
import { contentHash } from '../src/features/policies/policies.policy.ts'
import { at } from './access-matrix.row.ts'

/** What operators do with policies and requests. */
export const frontDoorRoutes: Record<string, Row> = {
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
  'GET /admin/policy-files': {
    expected: 'operators',
    call: at('/admin/policy-files'),
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
  'GET /admin/policies/:policyId/acceptances': {
    expected: 'operators',
    call: t => ({ path: `/admin/policies/${t.policyId}/acceptances` }),
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
}
