import type { Row } from './access-matrix.row.ts'
import { inWorkspace } from './access-matrix.row.ts'

/** Routes of files and folders, and of their bytes. */
export const filesRoutes: Record<string, Row> = {
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
}
