import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Deps } from '../../deps.ts'
import { Type } from 'typebox'
import { IdempotencyHeader, IfMatch, NoContent, Page, PageQuery, problems, Ref, Uuid, WorkspaceParams } from '../../http/schemas.ts'
import { memberOf, personOf } from '../access/access.plugin.ts'
import { BulkItems, BulkMove, FileVersion, FolderInput, Item, ItemChange, ItemDetail, ItemIds, ItemListQuery, ItemSelection, ItemSelectionQuery, ListedItem, Purge, SelectedItem, TrashedItem, VersionNumber } from './items.schemas.ts'

export const itemsShapes = [
  Item,
  ItemDetail,
  ListedItem,
  SelectedItem,
  ItemSelection,
  TrashedItem,
  FileVersion,
  Purge,
]
const FileParams = Type.Object({ fileId: Uuid })
const ItemParams = Type.Object({ itemId: Uuid })

export function itemsRoutes({ items }: Pick<Deps, 'items'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/workspaces/:workspaceId/items', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'read',
      },
      schema: {
        operationId: 'listItems',
        tags: ['files'],
        params: WorkspaceParams,
        querystring: ItemListQuery,
        response: {
          200: Page(Ref(ListedItem)),
          ...problems,
        },
      },
    }, request => items.list(memberOf(request), request.query))

    app.get('/workspaces/:workspaceId/items/selection', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'read',
      },
      schema: {
        operationId: 'selectItems',
        tags: ['files'],
        summary: 'All that `listItems` lists, in one answer: to act on it',
        params: WorkspaceParams,
        querystring: ItemSelectionQuery,
        response: {
          200: Ref(ItemSelection),
          ...problems,
        },
      },
    }, request => items.select(memberOf(request), request.query))

    app.post('/workspaces/:workspaceId/folders', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'write',
        idempotent: true,
      },
      schema: {
        operationId: 'createFolder',
        tags: ['files'],
        params: WorkspaceParams,
        headers: IdempotencyHeader,
        body: FolderInput,
        response: {
          200: Ref(Item),
          201: Ref(Item),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const { folder, made } = await items.createFolder(request.caller, memberOf(request), request.body)
      return reply.status(made
        ? 201
        : 200).send(folder)
    })

    app.get('/items/:itemId', {
      config: { access: 'session', scope: 'read' },
      schema: {
        operationId: 'getItem',
        tags: ['files'],
        params: ItemParams,
        response: {
          200: Ref(ItemDetail),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const item = await items.get(personOf(request).userId, request.params.itemId)
      reply.header('etag', item.etag)
      return item
    })

    app.patch('/items/:itemId', {
      config: { access: 'session', scope: 'write' },
      schema: {
        operationId: 'changeItem',
        tags: ['files'],
        summary: 'Rename or move',
        params: ItemParams,
        headers: IfMatch,
        body: ItemChange,
        response: {
          200: Ref(Item),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const item = await items.change(request.caller, personOf(request).userId, request.params.itemId, request.body, request.headers['if-match'])
      reply.header('etag', item.etag)
      return item
    })

    app.delete('/items/:itemId', {
      config: { access: 'session', scope: 'write' },
      schema: {
        operationId: 'trashItem',
        tags: ['files'],
        summary: 'To the trash',
        params: ItemParams,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await items.trash(request.caller, personOf(request).userId, [request.params.itemId])
      return reply.status(204).send(null)
    })

    app.post('/items/:itemId/restore', {
      config: { access: 'session', scope: 'write' },
      schema: {
        operationId: 'restoreItem',
        tags: ['files'],
        summary: 'From the trash',
        params: ItemParams,
        response: {
          200: Ref(Item),
          ...problems,
        },
      },
    }, request => items.restore(request.caller, personOf(request).userId, request.params.itemId))

    app.post('/workspaces/:workspaceId/items/move', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'write',
      },
      schema: {
        operationId: 'moveItems',
        tags: ['files'],
        params: WorkspaceParams,
        body: BulkMove,
        response: {
          200: Type.Object({
            items: Type.Array(Ref(Item)),
          }),
          ...problems,
        },
      },
    }, async request => ({ items: await items.move(request.caller, memberOf(request), request.body) }))

    app.post('/workspaces/:workspaceId/items/trash', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'write',
      },
      schema: {
        operationId: 'trashItems',
        tags: ['files'],
        params: WorkspaceParams,
        body: BulkItems,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await items.trash(request.caller, memberOf(request).userId, request.body.itemIds, memberOf(request).workspaceId)
      return reply.status(204).send(null)
    })

    app.get('/workspaces/:workspaceId/trash', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'read',
      },
      schema: {
        operationId: 'listTrash',
        tags: ['files'],
        params: WorkspaceParams,
        querystring: Type.Object(PageQuery, { additionalProperties: false }),
        response: {
          200: Page(Ref(TrashedItem)),
          ...problems,
        },
      },
    }, request => items.listTrash(memberOf(request), request.query))

    app.post('/workspaces/:workspaceId/trash/restore', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'write',
      },
      schema: {
        operationId: 'restoreItems',
        tags: ['files'],
        summary: 'From the trash, all or none',
        params: WorkspaceParams,
        body: BulkItems,
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await items.restoreAll(request.caller, memberOf(request), request.body.itemIds)
      return reply.status(204).send(null)
    })

    app.post('/workspaces/:workspaceId/trash/purge', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'write',
      },
      schema: {
        operationId: 'purgeItems',
        tags: ['files'],
        summary: 'Delete for ever; without `itemIds`: all that one may. What is much is done in the background',
        params: WorkspaceParams,
        body: Type.Object({
          itemIds: Type.Optional(ItemIds),
        }, { additionalProperties: false }),
        response: {
          202: Ref(Purge),
          204: NoContent,
          ...problems,
        },
      },
    }, async (request, reply) => {
      const purge = await items.purge(request.caller, memberOf(request), request.body.itemIds ?? 'all')
      return purge
        ? reply.status(202).send(purge)
        : reply.status(204).send(null)
    })

    app.get('/workspaces/:workspaceId/purges', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'read',
      },
      schema: {
        operationId: 'listPurges',
        tags: ['files'],
        summary: 'What one deletes for ever, under way or ended lately',
        params: WorkspaceParams,
        response: {
          200: Page(Ref(Purge)),
          ...problems,
        },
      },
    }, async request => ({ items: await items.listPurges(memberOf(request)), nextCursor: null }))

    app.delete('/workspaces/:workspaceId/purges/:purgeId', {
      config: {
        access: { workspace: 'workspace.see' },
        scope: 'write',
      },
      schema: {
        operationId: 'cancelPurge',
        tags: ['files'],
        summary: 'Keep what has not been begun',
        params: Type.Object({
          ...WorkspaceParams.properties,
          purgeId: Uuid,
        }),
        response: { 204: NoContent, ...problems },
      },
    }, async (request, reply) => {
      await items.cancelPurge(memberOf(request), request.params.purgeId)
      return reply.status(204).send(null)
    })

    app.get('/files/:fileId/versions', {
      config: { access: 'session', scope: 'read' },
      schema: {
        operationId: 'listVersions',
        tags: ['files'],
        params: FileParams,
        response: {
          200: Page(Ref(FileVersion)),
          ...problems,
        },
      },
    }, async request => ({ items: await items.listVersions(personOf(request).userId, request.params.fileId), nextCursor: null }))

    app.post('/files/:fileId/versions/:version/restore', {
      config: { access: 'session', scope: 'write' },
      schema: {
        operationId: 'restoreVersion',
        tags: ['files'],
        summary: 'Make the bytes of an earlier version those of a new one',
        params: Type.Object({
          ...FileParams.properties,
          version: VersionNumber,
        }),
        headers: IfMatch,
        response: {
          200: Ref(Item),
          ...problems,
        },
      },
    }, async (request, reply) => {
      const { fileId, version: number } = request.params
      const item = await items.restoreVersion(request.caller, personOf(request).userId, { fileId, number }, request.headers['if-match'])
      reply.header('etag', item.etag)
      return item
    })
  }
}
