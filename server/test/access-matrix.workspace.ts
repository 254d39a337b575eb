import type { Row } from './access-matrix.row.ts'
import { randomUUID } from 'node:crypto'
import { at, inWorkspace } from './access-matrix.row.ts'

/** Routes of a workspace, its people and its log. */
export const workspaceRoutes: Record<string, Row> = {
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
  'PUT /workspaces/:workspaceId/second-factor': {
    expected: 'admins',
    stepUp: true,
    call: inWorkspace('/second-factor', () => ({ askedOf: 'nobody', graceDays: 7 })),
  },
  'GET /workspaces/:workspaceId/watch': {
    expected: 'admins',
    call: inWorkspace('/watch'),
  },
  'PUT /workspaces/:workspaceId/watch': {
    expected: 'admins',
    call: inWorkspace('/watch', () => ({ refusals: 10, downloads: null, deletions: 100 })),
  },
  'GET /workspaces/:workspaceId/oidc-providers': {
    expected: 'admins',
    call: inWorkspace('/oidc-providers'),
  },
  'POST /workspaces/:workspaceId/oidc-providers/look-up': {
    expected: 'admins',
    call: inWorkspace('/oidc-providers/look-up', ({ issuer }) => ({ issuer })),
  },
  'POST /workspaces/:workspaceId/oidc-providers': {
    expected: 'admins',
    stepUp: true,
    call: inWorkspace('/oidc-providers', () => ({
      slug: randomUUID(),
      name: 'Provider',
      issuer: 'https://id.example',
      clientId: 'x',
    })),
  },
  'PATCH /workspaces/:workspaceId/oidc-providers/:providerId': {
    expected: 'admins',
    stepUp: true,
    call: t => inWorkspace(`/oidc-providers/${t.workspaceProviderId}`, () => ({ isEnabled: false }))(t),
  },
  'POST /workspaces/:workspaceId/oidc-providers/:providerId/try': {
    expected: 'admins',
    call: t => inWorkspace(`/oidc-providers/${t.workspaceProviderId}/try`)(t),
  },
  'DELETE /workspaces/:workspaceId/oidc-providers/:providerId': {
    expected: 'admins',
    stepUp: true,
    call: t => inWorkspace(`/oidc-providers/${t.workspaceProviderId}`)(t),
  },
  'GET /workspaces/:workspaceId/policies': {
    expected: 'members',
    call: inWorkspace('/policies'),
  },
  'POST /workspaces/:workspaceId/policies/preview': {
    expected: 'members',
    call: inWorkspace('/policies/preview', () => ({ language: 'en', markdown: 'Text' })),
  },
  'POST /workspaces/:workspaceId/policies': {
    expected: 'admins',
    call: inWorkspace('/policies', ({ unique }) => ({
      kind: 'page',
      slug: unique,
      title: 'Page',
    })),
  },
  'GET /workspaces/:workspaceId/policies/:policyId': {
    expected: 'members',
    call: t => inWorkspace(`/policies/${t.workspacePolicyId}`)(t),
  },
  'PATCH /workspaces/:workspaceId/policies/:policyId': {
    expected: 'admins',
    call: t => inWorkspace(`/policies/${t.workspacePolicyId}`, () => ({ title: 'Other' }))(t),
  },
  'POST /workspaces/:workspaceId/policies/:policyId/publish': {
    expected: 'admins',
    call: t => inWorkspace(`/policies/${t.workspacePolicyId}/publish`, () => ({ effectiveOn: '2099-01-01' }))(t),
  },
  'DELETE /workspaces/:workspaceId/policies/:policyId/drafts/:language': {
    expected: 'admins',
    call: t => inWorkspace(`/policies/${t.workspacePolicyId}/drafts/de`)(t),
  },
  'DELETE /workspaces/:workspaceId/policies/:policyId': {
    expected: 'admins',
    call: t => inWorkspace(`/policies/${t.workspacePolicyId}`)(t),
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
  'POST /workspaces/:workspaceId/invitations/:invitationId/resend': {
    expected: 'admins',
    stepUp: true,
    call: t => inWorkspace(`/invitations/${t.invitationId}/resend`, () => ({}))(t),
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
}
