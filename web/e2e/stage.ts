import type { Browser } from 'playwright-core'
import type { Account, Api, Instance, OwnInstance } from './instance.ts'
import { inject } from 'vitest'
import { launchBrowser } from './harness.ts'
import { apiOf, makeAccount, setUpInstance, startInstance } from './instance.ts'

/** Where the tests of a file play. */
export interface Stage {
  instance: Instance
  browser: Browser
  owner: Account
  /** Of the team space. */
  rootId: string
  /** As the owner. */
  api: Api
  operator: Api
  upload: (parentId: string, name: string, data: Buffer, onConflict?: 'replace') => Promise<string>
  makeFolder: (parentId: string, name: string) => Promise<string>
  /** Makes a link and returns its path. */
  share: (options: Record<string, unknown>) => Promise<string>
  close: () => Promise<void>
}

/** A workspace and its owner of the file's own on the instance that all share. What the whole instance sees must not be changed there. */
export async function openStage(slug: string): Promise<Stage> {
  const { instance, operator: person } = inject('shared')
  const operator = apiOf(instance, person)
  const [owner, browser] = await Promise.all([
    makeAccount(instance, operator, slug),
    launchBrowser(),
  ])
  return stageOf({
    instance,
    browser,
    owner,
    operator,
    close: () => browser.close(),
  })
}

/** An instance of the file's own, whose operator owns the workspace: for what changes the whole of it. */
export async function openOwnStage(settings?: Record<string, string>): Promise<Stage> {
  const instance = await startOwnInstance(settings)
  const browser = await launchBrowser()
  const person = { name: 'Robin Keller', email: 'robin@northwind.example', password: 'a long walk by the canal' }
  await setUpInstance(instance, person)
  const operator = apiOf(instance, person)
  const { id } = await operator<{ id: string }>('POST', '/workspaces', { name: 'Northwind', slug: 'northwind' })
  return stageOf({
    instance,
    browser,
    owner: { ...person, workspaceId: id, slug: 'northwind' },
    operator,
    async close() {
      await browser.close()
      await instance.stop()
    },
  })
}

/** One that nobody has set up. */
export const startOwnInstance = (settings?: Record<string, string>): Promise<OwnInstance> => startInstance(inject('postgres'), settings)

async function stageOf(parts: Pick<Stage, 'instance' | 'browser' | 'owner' | 'operator' | 'close'>): Promise<Stage> {
  const { instance, owner } = parts
  const api = apiOf(instance, owner)
  const spaces = await api<{ items: { rootFolderId: string }[] }>('GET', `/workspaces/${owner.workspaceId}/spaces`)
  return {
    ...parts,
    api,
    rootId: spaces.items[0]!.rootFolderId,

    async upload(parentId, name, data, onConflict) {
      const form = new FormData()
      form.append('file', new Blob([
        new Uint8Array(data),
      ]), name)
      return (await api<{ id: string }>('POST', `/workspaces/${owner.workspaceId}/files?${new URLSearchParams({
        parentId,
        name,
        ...onConflict && { onConflict },
      })}`, form)).id
    },

    async makeFolder(parentId, name) {
      return (await api<{ id: string }>('POST', `/workspaces/${owner.workspaceId}/folders`, { parentId, name })).id
    },

    async share(options) {
      const { url } = await api<{ url: string }>('POST', `/workspaces/${owner.workspaceId}/links`, options)
      return new URL(url).pathname
    },
  }
}
