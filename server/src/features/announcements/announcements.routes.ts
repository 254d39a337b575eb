import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { IfMatch, NoContent, problems, Ref } from '../../http/schemas.ts'
import { signedInOf } from '../access/access.plugin.ts'
import { MailPreview } from '../mail/mail.schemas.ts'
import { Announcement, AnnouncementChange, AnnouncementDetail, AnnouncementInput, AnnouncementListQuery, AnnouncementPage, AnnouncementParams, AnnouncementPreviewQuery, Consent, ConsentInput, ConsentParams, Consents, OwnAnnouncement, OwnAnnouncementQuery, OwnAnnouncements } from './announcements.schemas.ts'

export const announcementsShapes = [
  Announcement,
  AnnouncementDetail,
  OwnAnnouncement,
  Consent,
]

export function announcementsRoutes({ announcements, consents }: Pick<Deps, 'announcements' | 'consents'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/admin/announcements', {
      config: { access: 'operator' },
      schema: {
        operationId: 'listAnnouncements',
        tags: ['operator'],
        summary: 'What operators wrote to many people, newest first',
        querystring: AnnouncementListQuery,
        response: {
          200: AnnouncementPage,
          ...problems,
        },
      },
    }, request => announcements.list(request.query))

    app.post('/admin/announcements', {
      config: { access: 'operator', idempotent: true },
      schema: {
        operationId: 'createAnnouncement',
        tags: ['operator'],
        summary: 'A draft',
        body: AnnouncementInput,
        response: {
          201: Ref(AnnouncementDetail),
          ...problems,
        },
      },
    }, async (request, reply) => reply.status(201).send(await announcements.create(request.caller, request.body)))

    app.get('/admin/announcements/:announcementId', {
      config: { access: 'operator' },
      schema: {
        operationId: 'getAnnouncement',
        tags: ['operator'],
        summary: 'With how many people it concerns now',
        params: AnnouncementParams,
        response: {
          200: Ref(AnnouncementDetail),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const announcement = await announcements.get(request.params.announcementId)
      reply.header('etag', announcement.etag)
      return announcement
    })

    app.patch('/admin/announcements/:announcementId', {
      config: { access: 'operator' },
      schema: {
        operationId: 'changeAnnouncement',
        tags: ['operator'],
        summary: 'Only a draft',
        params: AnnouncementParams,
        headers: IfMatch,
        body: AnnouncementChange,
        response: {
          200: Ref(AnnouncementDetail),
          ...problems,
        },
      },
    }, request => announcements.change(request.caller, request.params.announcementId, request.body, request.headers['if-match']))

    app.delete('/admin/announcements/:announcementId', {
      config: { access: 'operator' },
      schema: {
        operationId: 'deleteAnnouncement',
        tags: ['operator'],
        summary: 'Only a draft',
        params: AnnouncementParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await announcements.delete(request.caller, request.params.announcementId)
      return reply.status(204).send(null)
    })

    app.get('/admin/announcements/:announcementId/preview', {
      config: { access: 'operator' },
      schema: {
        operationId: 'previewAnnouncement',
        tags: ['operator'],
        summary: 'As a mail',
        params: AnnouncementParams,
        querystring: AnnouncementPreviewQuery,
        response: {
          200: Ref(MailPreview),
          ...problems,
        },
      },
    }, request => announcements.preview(request.params.announcementId, request.query.language))

    app.post('/admin/announcements/:announcementId/test', {
      config: { access: 'operator' },
      schema: {
        operationId: 'testAnnouncement',
        tags: ['operator'],
        summary: 'Mails it to whoever asks, in each of its languages',
        params: AnnouncementParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await announcements.test(request.caller, request.params.announcementId)
      return reply.status(204).send(null)
    })

    app.post('/admin/announcements/:announcementId/start', {
      config: { access: 'operator', stepUp: true },
      schema: {
        operationId: 'startAnnouncement',
        tags: ['operator'],
        summary: 'At its time, or now',
        params: AnnouncementParams,
        headers: IfMatch,
        response: {
          200: Ref(AnnouncementDetail),
          ...problems,
        },
      },
    }, request => announcements.start(request.caller, request.params.announcementId, request.headers['if-match']))

    app.post('/admin/announcements/:announcementId/stop', {
      config: { access: 'operator' },
      schema: {
        operationId: 'stopAnnouncement',
        tags: ['operator'],
        summary: 'No further mail is written, and nobody is shown it any more; what has not begun is a draft again',
        params: AnnouncementParams,
        response: {
          200: Ref(AnnouncementDetail),
          ...problems,
        },
      },
    }, request => announcements.stop(request.caller, request.params.announcementId))

    app.get('/me/announcements', {
      config: { access: 'session' },
      schema: {
        operationId: 'listOwnAnnouncements',
        tags: ['auth'],
        summary: 'What one is shown in the app, newest first, until one puts it away',
        querystring: OwnAnnouncementQuery,
        response: {
          200: OwnAnnouncements,
          ...problems,
        },
      },
    }, async request => ({ items: await announcements.listOwn(signedInOf(request).userId, request.query.language) }))

    app.post('/me/announcements/:announcementId/put-away', {
      config: { access: 'session' },
      schema: {
        operationId: 'putAwayAnnouncement',
        tags: ['auth'],
        summary: 'One is not shown it any more',
        params: AnnouncementParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await announcements.putAway(signedInOf(request).userId, request.params.announcementId)
      return reply.status(204).send(null)
    })

    app.get('/me/consents', {
      config: { access: 'session' },
      schema: {
        operationId: 'listConsents',
        tags: ['notifications'],
        summary: 'To which kinds of announcements one has agreed',
        response: {
          200: Consents,
          ...problems,
        },
      },
    }, async request => ({ items: await consents.list(signedInOf(request).userId) }))

    app.put('/me/consents/:kind', {
      config: { access: 'session' },
      schema: {
        operationId: 'setConsent',
        tags: ['notifications'],
        summary: 'Agrees to announcements of a kind, or withdraws it',
        params: ConsentParams,
        body: ConsentInput,
        response: {
          200: Consents,
          ...problems,
        },
      },
    }, async (request) => {
      const { userId: id, name } = signedInOf(request)
      await consents.set(request.caller, { id, name }, { kind: request.params.kind, isGiven: request.body.isGiven, source: 'preferences' })
      return { items: await consents.list(id) }
    })
  }
}
