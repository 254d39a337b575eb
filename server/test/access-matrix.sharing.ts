import type { Row } from './access-matrix.row.ts'
import { at, inWorkspace } from './access-matrix.row.ts'

/** Routes of secure links and of other pages for visitors. */
export const sharingRoutes: Record<string, Row> = {
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
  'GET /public/policies': {
    expected: 'everybody',
    call: at('/public/policies'),
  },
  'GET /public/pending-policies': {
    expected: 'everybody',
    call: at('/public/pending-policies'),
  },
  'GET /public/policies/:slug': {
    expected: 'alwaysGone',
    call: at('/public/policies/unknown'),
  },
  'GET /public/policies/:slug/versions/:number': {
    expected: 'alwaysGone',
    call: at('/public/policies/unknown/versions/1'),
  },
  'GET /public/policies/w/:workspaceSlug/:slug': {
    expected: 'alwaysGone',
    call: at('/public/policies/w/unknown/unknown'),
  },
  'GET /public/policies/w/:workspaceSlug/:slug/versions/:number': {
    expected: 'alwaysGone',
    call: at('/public/policies/w/unknown/unknown/versions/1'),
  },
  'GET /policies/w/:workspaceSlug/:slug.md': {
    expected: 'alwaysGone',
    call: at('/policies/w/unknown/unknown.md'),
  },
  'GET /public/links/:token/policies': {
    expected: 'everybody',
    call: t => ({ path: `/public/links/${t.linkToken}/policies` }),
  },
  'GET /policies/feed.xml': {
    expected: 'everybody',
    call: at('/policies/feed.xml'),
  },
  'GET /policies/:slug.md': {
    expected: 'alwaysGone',
    call: at('/policies/unknown.md'),
  },
  'GET /public/face': {
    expected: 'everybody',
    call: at('/public/face'),
  },
  'GET /public/requests/challenge': {
    expected: 'everybody',
    call: at('/public/requests/challenge'),
  },
  'GET /public/requests/:token': {
    expected: 'everybody',
    call: t => ({ path: `/public/requests/${t.requestToken}` }),
  },
  'POST /public/requests/:token': {
    expected: 'everybody',
    call: t => ({
      path: `/public/requests/${t.requestToken}`,
      body: { message: 'One more thing' },
    }),
  },
  'POST /public/requests/:token/confirm': {
    expected: 'everybody',
    call: t => ({ path: `/public/requests/${t.requestToken}/confirm` }),
  },
  'GET /public/contact': {
    expected: 'everybody',
    call: at('/public/contact'),
  },
  'POST /public/contact': {
    expected: 'everybody',
    call: ({ unique }) => ({
      path: '/public/contact',
      body: {
        kind: 'access',
        name: 'Ana',
        email: `${unique}@example.com`,
        message: 'Hello',
      },
    }),
  },
  'POST /public/requests': {
    expected: 'everybody',
    call: ({ unique }) => ({
      path: '/public/requests',
      body: {
        kind: 'access',
        name: 'Ana',
        email: `${unique}@example.com`,
        message: 'Hello',
      },
    }),
  },
}
