import type { TestUser, TestWorkspace } from '../../../test/factories.ts'
import type { Place } from '../../../test/item-factories.ts'
import type { Answer, TestApp } from '../../../test/test-app.ts'
import { eq, inArray } from 'drizzle-orm'
import { toldEvents } from '../../../test/audit-log.ts'
import { createWorkspace } from '../../../test/factories.ts'
import { createFolderRow } from '../../../test/item-factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { items } from './items.table.ts'

/** An id that nothing has. */
export const nil = '00000000-0000-0000-0000-000000000000'

export interface ItemsFixture {
  test: TestApp
  workspace: TestWorkspace
  /** Another tenant. */
  foreign: TestWorkspace
  owner: TestUser
  /** In the workspace's top folder. */
  root: Place
  /** Makes a folder. @returns the place in it */
  inside: (place: Place, name: string, by?: TestUser) => Promise<Place>
  list: (query: Record<string, string>, token?: string, workspaceId?: string) => Promise<Answer>
  change: (id: string, body: unknown, options?: { token?: string, headers?: Record<string, string> }) => Promise<Answer>
  /** Posts to an address below the workspace. */
  post: (path: string, body: unknown, token?: string) => Promise<Answer>
  trashOne: (id: string, token?: string) => Promise<Answer>
  restore: (id: string, token?: string) => Promise<Answer>
  listTrash: (query?: Record<string, string>, token?: string) => Promise<Answer>
  rowOf: (id: string) => Promise<typeof items.$inferSelect>
  namesIn: (place: Place) => Promise<string[]>
  /** Those of the ids that still have a row. */
  existing: (...ids: string[]) => Promise<string[]>
  /** What the audit log says of these items, in order. */
  eventsOf: (...ids: string[]) => Promise<{ action: string, name: string, by: string | null, details: unknown }[]>
}

/** The server with two workspaces, and short words for what the tests of items do. */
export async function createItemsFixture(): Promise<ItemsFixture> {
  const test = await createTestApp()
  const workspace = await createWorkspace(test)
  const foreign = await createWorkspace(test)
  const { owner } = workspace
  const { db } = test.deps
  return {
    test,
    workspace,
    foreign,
    owner,
    root: { workspaceId: workspace.id, spaceId: workspace.spaceId, parentId: workspace.rootId },
    inside: async (place, name, by = owner) => ({ ...place, parentId: (await createFolderRow(test, place, name, by)).id }),
    list: (query, token = owner.token, workspaceId = workspace.id) => test.call('GET', `/workspaces/${workspaceId}/items?${new URLSearchParams(query)}`, { token }),
    change: (id, body, options) => test.call('PATCH', `/items/${id}`, { token: owner.token, body, ...options }),
    post: (path, body, token = owner.token) => test.call('POST', `/workspaces/${workspace.id}${path}`, { token, body }),
    trashOne: (id, token = owner.token) => test.call('DELETE', `/items/${id}`, { token }),
    restore: (id, token = owner.token) => test.call('POST', `/items/${id}/restore`, { token }),
    listTrash: (query = {}, token = owner.token) => test.call('GET', `/workspaces/${workspace.id}/trash?${new URLSearchParams(query)}`, { token }),
    rowOf: async id => (await db.select().from(items).where(eq(items.id, id)))[0]!,
    namesIn: async ({ parentId }) => (await db.select({ name: items.name }).from(items).where(eq(items.parentId, parentId))).map(({ name }) => name).sort(),
    existing: async (...ids) => (await db.select({ id: items.id }).from(items).where(inArray(items.id, ids))).map(({ id }) => id),
    eventsOf: async (...ids) => (await toldEvents(test, inArray(auditEvents.subjectId, ids)))
      .map(({ action, subject, details, actorId }) => ({
        action,
        name: subject.name,
        by: actorId,
        details,
      })),
  }
}

/** The codes of refusals and the statuses of the others, sorted: what parallel calls came to. */
export function codesOf(answers: Answer[]): (string | number)[] {
  return answers.map(({ status, body }) => (status < 300
    ? status
    : body.code)).sort()
}

export function namesOf(answer: Answer): string[] {
  return answer.body.items.map((item: { name: string }) => item.name)
}

export function cursorOf(...position: unknown[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}
