import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { IdempotencyHeader, NoContent, Nullable, Page, problems, Ref, WorkspaceParams } from '../../http/schemas.ts'
import { bearerOf, memberOf } from '../access/access.plugin.ts'
import { mayInWorkspace } from '../access/access.policy.ts'
import { SecondStep, SignedInAnswer } from '../auth/auth.schemas.ts'
import { setSessionCookie } from '../auth/session-cookie.http.ts'
import { AcceptInput, CreatedInvitation, Invitation, InvitationInput, InvitationParams, InvitationResend, InvitationToken, Member, MemberChange, MemberParams, PublicInvitation } from './members.schemas.ts'

const AcceptAnswer = Type.Object({
  workspaceSlug: Type.String(),
  session: Nullable(Ref(SignedInAnswer)),
}, { $id: 'AcceptAnswer' })

export const membersShapes = [
  Member,
  Invitation,
  CreatedInvitation,
  PublicInvitation,
  AcceptAnswer,
]

export function membersRoutes({ members, access, config }: Pick<Deps, 'members' | 'access' | 'config'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/workspaces/:workspaceId/members', {
      config: {
        access: { workspace: 'members.see' },
        scope: 'admin',
      },
      schema: {
        operationId: 'listMembers',
        tags: ['members'],
        params: WorkspaceParams,
        response: {
          200: Page(Ref(Member)),
          ...problems,
        },
      },
    }, async request => ({ items: await members.list(memberOf(request)), nextCursor: null }))

    app.patch('/workspaces/:workspaceId/members/:memberId', {
      config: {
        access: { workspace: 'members.manage' },
        scope: 'admin',
        stepUp: body => (body as MemberChange).role !== undefined,
      },
      schema: {
        operationId: 'changeMember',
        tags: ['members'],
        params: MemberParams,
        body: MemberChange,
        response: {
          200: Ref(Member),
          ...problems,
        },
      },
    }, request => members.change(request.caller, memberOf(request), request.params.memberId, request.body))

    app.delete('/workspaces/:workspaceId/members/:memberId', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'admin',
        stepUp: true,
      },
      schema: {
        operationId: 'endMembership',
        tags: ['members'],
        summary: 'Another’s membership, or one’s own',
        params: MemberParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await members.end(request.caller, memberOf(request), request.params.memberId)
      return reply.status(204).send(null)
    })

    app.get('/workspaces/:workspaceId/invitations', {
      config: {
        access: { workspace: 'members.manage' },
        scope: 'admin',
      },
      schema: {
        operationId: 'listInvitations',
        tags: ['members'],
        params: WorkspaceParams,
        response: {
          200: Page(Ref(Invitation)),
          ...problems,
        },
      },
    }, async request => ({ items: await members.listInvitations(memberOf(request)), nextCursor: null }))

    app.post('/workspaces/:workspaceId/invitations', {
      config: {
        access: { workspace: 'members.manage' },
        scope: 'admin',
        idempotent: true,
        stepUp: body => mayInWorkspace((body as InvitationInput).role, 'members.manage'),
      },
      schema: {
        operationId: 'invite',
        tags: ['members'],
        params: WorkspaceParams,
        headers: IdempotencyHeader,
        body: InvitationInput,
        response: {
          201: Ref(CreatedInvitation),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await members.invite(request.caller, memberOf(request), request.body)))

    app.post('/workspaces/:workspaceId/invitations/:invitationId/resend', {
      config: {
        access: { workspace: 'members.manage' },
        scope: 'admin',
        stepUp: true,
      },
      schema: {
        operationId: 'resendInvitation',
        tags: ['members'],
        summary: 'A new link in place of the former, which ends; the mail goes again',
        params: InvitationParams,
        body: InvitationResend,
        response: {
          200: Ref(CreatedInvitation),
          ...problems,
        },
      },
    }, request => members.resendInvitation(request.caller, memberOf(request), request.params.invitationId, request.body))

    app.delete('/workspaces/:workspaceId/invitations/:invitationId', {
      config: {
        access: { workspace: 'members.manage' },
        scope: 'admin',
      },
      schema: {
        operationId: 'revokeInvitation',
        tags: ['members'],
        params: InvitationParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await members.revokeInvitation(request.caller, memberOf(request), request.params.invitationId)
      return reply.status(204).send(null)
    })

    app.get('/public/invitations/:token', {
      config: { access: 'public' },
      schema: {
        operationId: 'getInvitation',
        tags: ['public'],
        params: InvitationToken,
        response: {
          200: Ref(PublicInvitation),
          ...problems,
        },
      },
    }, request => members.showInvitation(request.params.token))

    app.post('/public/invitations/:token/accept', {
      config: { access: 'public' },
      schema: {
        operationId: 'acceptInvitation',
        tags: ['public'],
        summary: 'Joins; somebody with a second factor who has no session yet gets what POST /auth/mfa takes, and accepts with the session of that',
        params: InvitationToken,
        body: AcceptInput,
        response: {
          200: Type.Union([
            Ref(AcceptAnswer),
            Ref(SecondStep),
          ]),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const signedIn = request.headers.authorization === undefined
        ? null
        : (await access.authenticate(app.tokens.verifyAccess(bearerOf(request)))).signedIn
      if (signedIn) request.caller.actor = { kind: 'user', id: signedIn.userId, name: signedIn.name }
      const answer = await members.accept(request.caller, request.params.token, request.body, signedIn)
      if ('mfaToken' in answer) return answer
      const { session, workspaceSlug } = answer
      return { workspaceSlug, session: session && await setSessionCookie(app, reply, config, session) }
    })
  }
}
