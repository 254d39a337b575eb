import type { DBSchema, IDBPDatabase } from 'idb'
import type { TransferRecord } from './transfer.ts'
import { openDB } from 'idb'
import { storageKey } from '../utils/browser-storage.ts'

/**
 * How the bytes are reached after a reload. A handle is a reference; a File put into IndexedDB is copied by the browser, so that is
 * done for small ones only. Without either, the person chooses the file again.
 */
export type KeptSource = FileSystemFileHandle | File

export interface Remembered {
  record: TransferRecord
  source?: KeptSource
}

/** What outlives the page. A browser that keeps nothing (private windows) makes uploads end with the page, nothing else. */
export interface UploadMemory {
  list: (userId: string) => Promise<Remembered[]>
  save: (record: TransferRecord) => Promise<void>
  /** @returns whether the source can be read after a reload. */
  keepSource: (id: string, source: KeptSource) => Promise<boolean>
  remove: (ids: string[]) => Promise<void>
  /** Keeps what is needed to go on, but none of the bytes nor the way to them: the person chooses the files again. */
  forgetSources: () => Promise<void>
}

interface Schema extends DBSchema {
  transfers: { key: string, value: TransferRecord & { tab: string }, indexes: { userId: string } }
  sources: { key: string, value: { id: string, source: KeptSource } }
}

const lockPrefix = 'clientshare.tab.'

export function createUploadMemory(locks: LockManager | undefined = globalThis.navigator?.locks): UploadMemory {
  const tab = crypto.randomUUID?.() ?? String(Math.random())
  let database: Promise<IDBPDatabase<Schema>> | null = null

  // Held for as long as this page lives: another tab leaves what is ours alone.
  void locks?.request(lockPrefix + tab, () => new Promise(() => {})).catch(() => {})

  async function liveTabs(): Promise<Set<string>> {
    const { held = [] } = await locks?.query() ?? {}
    return new Set(held.flatMap(({ name }) => name?.startsWith(lockPrefix)
      ? [
          name.slice(lockPrefix.length),
        ]
      : []))
  }

  const open = () => database ??= openDB<Schema>(storageKey('clientshare-uploads'), 1, {
    upgrade(db) {
      db.createObjectStore('transfers', { keyPath: 'id' }).createIndex('userId', 'userId')
      db.createObjectStore('sources', { keyPath: 'id' })
    },
  })

  const quietly = async <T>(act: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await act()
    }
    catch {
      return otherwise
    }
  }

  return {
    list: userId => quietly(async () => {
      const db = await open()
      const others = await liveTabs()
      others.delete(tab)
      const records = (await db.getAllFromIndex('transfers', 'userId', userId)).filter(record => !others.has(record.tab))
      const remembered: Remembered[] = []
      for (const { tab: _, ...record } of records) {
        await db.put('transfers', { ...record, tab })
        remembered.push({ record, source: (await quietly(() => db.get('sources', record.id), undefined))?.source })
      }
      return remembered.sort((a, b) => a.record.addedAt - b.record.addedAt)
    }, []),

    save: record => quietly(async () => {
      await (await open()).put('transfers', { ...record, tab })
    }, undefined),

    keepSource: (id, source) => quietly(async () => {
      await (await open()).put('sources', { id, source })
      return true
    }, false),

    remove: ids => quietly(async () => {
      const transaction = (await open()).transaction(['transfers', 'sources'], 'readwrite')
      // All of them are waited for: a page that is left ends each by itself.
      await Promise.all([
        ...ids.flatMap(id => [
          transaction.objectStore('transfers').delete(id),
          transaction.objectStore('sources').delete(id),
        ]),
        transaction.done,
      ])
    }, undefined),

    forgetSources: () => quietly(async () => {
      await (await open()).clear('sources')
    }, undefined),
  }
}
