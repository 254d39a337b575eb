import type { TokenScope } from '../src/features/access/access.policy.ts'
import type { Rule } from './access-matrix.callers.ts'
import { answerTo } from './access-matrix.callers.ts'

/** The routes that take personal access tokens, by what the token must have been given. Every other takes none. */
const taken: Record<TokenScope, readonly string[]> = {
  read: [
    'GET /workspaces',
    'GET /workspaces/:workspaceId',
    'GET /workspaces/:workspaceId/spaces',
    'GET /workspaces/:workspaceId/items',
    'GET /workspaces/:workspaceId/items/selection',
    'GET /items/:itemId',
    'GET /workspaces/:workspaceId/trash',
    'GET /workspaces/:workspaceId/purges',
    'GET /files/:fileId/versions',
    'GET /files/:fileId/content',
    'POST /files/:fileId/download',
    'POST /workspaces/:workspaceId/archives',
    'GET /files/:fileId/downloads',
    'GET /items/:itemId/activity',
  ],
  write: [
    'POST /workspaces/:workspaceId/folders',
    'PATCH /items/:itemId',
    'DELETE /items/:itemId',
    'POST /items/:itemId/restore',
    'POST /workspaces/:workspaceId/items/move',
    'POST /workspaces/:workspaceId/items/trash',
    'POST /workspaces/:workspaceId/trash/restore',
    'POST /workspaces/:workspaceId/trash/purge',
    'DELETE /workspaces/:workspaceId/purges/:purgeId',
    'POST /files/:fileId/versions/:version/restore',
    'POST /workspaces/:workspaceId/files',
    'POST /workspaces/:workspaceId/uploads',
    'GET /workspaces/:workspaceId/uploads',
    'DELETE /workspaces/:workspaceId/uploads/:uploadId',
  ],
  links: [
    'POST /workspaces/:workspaceId/links',
    'GET /workspaces/:workspaceId/links',
    'GET /workspaces/:workspaceId/links/:linkId',
    'GET /workspaces/:workspaceId/links/:linkId/activity',
    'PATCH /workspaces/:workspaceId/links/:linkId',
    'DELETE /workspaces/:workspaceId/links/:linkId',
  ],
  admin: [
    'PATCH /workspaces/:workspaceId',
    'GET /workspaces/:workspaceId/members',
    'PATCH /workspaces/:workspaceId/members/:memberId',
    'DELETE /workspaces/:workspaceId/members/:memberId',
    'GET /workspaces/:workspaceId/invitations',
    'POST /workspaces/:workspaceId/invitations',
    'POST /workspaces/:workspaceId/invitations/:invitationId/resend',
    'DELETE /workspaces/:workspaceId/invitations/:invitationId',
    'GET /workspaces/:workspaceId/policies',
    'POST /workspaces/:workspaceId/policies/preview',
    'POST /workspaces/:workspaceId/policies',
    'GET /workspaces/:workspaceId/policies/:policyId',
    'PATCH /workspaces/:workspaceId/policies/:policyId',
    'POST /workspaces/:workspaceId/policies/:policyId/publish',
    'DELETE /workspaces/:workspaceId/policies/:policyId/drafts/:language',
    'DELETE /workspaces/:workspaceId/policies/:policyId',
    'GET /workspaces/:workspaceId/audit',
    'GET /workspaces/:workspaceId/audit/days',
    'GET /workspaces/:workspaceId/audit/proof',
    'GET /workspaces/:workspaceId/audit/export',
  ],
}

/** Lists what the person has: by a token of one workspace that one, and never another. */
export const listsOwn: readonly string[] = ['GET /workspaces']

export const scopeOf = (route: string) => (Object.keys(taken) as TokenScope[]).find(scope => taken[scope].includes(route))

/** What the owner's programs get by a token with every scope: where none are taken nobody comes, and where nobody is asked for an account it makes no difference. */
export function answerToToken(route: string, rule: Rule): string {
  const nobodys = answerTo('nobody', rule)
  if (scopeOf(route)) return answerTo('owner', rule)
  if (rule === 'joining') return '401'
  return nobodys === '401' && rule !== 'ownToken'
    ? '403'
    : nobodys
}
