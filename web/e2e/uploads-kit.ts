import type { Page } from 'playwright-core'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the tests of uploads share: files on the disk, the page's parts of them, and the parts on their way. */

export interface SourceFolder {
  path: string
  /** @returns the path of a file with so many bytes. */
  make: (name: string, size: number) => string
  remove: () => void
}

export function makeSourceFolder(): SourceFolder {
  const path = mkdtempSync(join(tmpdir(), 'sources-'))
  return {
    path,
    make(name, size) {
      const file = join(path, name)
      mkdirSync(join(file, '..'), { recursive: true })
      // Not the same everywhere: parts in a wrong order would be another file.
      const bytes = Buffer.alloc(size)
      for (let at = 0; at < size; at += 1024) bytes.writeUInt32LE(at % 0xFFFFFFFF, Math.min(at, Math.max(0, size - 4)))
      writeFileSync(file, bytes)
      return file
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

export const rowOf = (page: Page, name: string) => page.getByRole('row').filter({
  has: page.locator(`text="${name}"`),
})
export const trayOf = (page: Page) => page.getByRole('region', { name: 'Uploads' })
export const pickFiles = (page: Page, ...paths: string[]) => page.getByTestId('pick-files').setInputFiles(paths)

export interface HeldParts {
  /** The numbers of the parts that were asked to be sent, in order. */
  asked: number[]
  /** How many wait. */
  waiting: () => number
  /** Lets those that wait go, and all that come. */
  release: () => void
}

/** Part 1 goes to the server; the others wait on the way until they are released. */
export async function holdParts(page: Page): Promise<HeldParts> {
  const asked: number[] = []
  const held: (() => void)[] = []
  let open = false
  await page.route('**/parts/*', async (route) => {
    const n = Number(new URL(route.request().url()).pathname.split('/').at(-1))
    asked.push(n)
    if (n > 1 && !open) await new Promise<void>(resolve => held.push(resolve))
    // The page may have given it up meanwhile.
    await route.continue().catch(() => {})
  })
  return {
    asked,
    waiting: () => held.length,
    release() {
      open = true
      for (const go of held.splice(0)) go()
    },
  }
}

/** What the page has written down of its uploads, for after a reload. */
export function rememberedUploads(page: Page): Promise<{ name: string, paused: boolean, kept: boolean }[]> {
  return page.evaluate(async () => {
    const name = 'clientshare-uploads'
    // Opening it would make it.
    if (!(await indexedDB.databases()).some(database => database.name === name)) return []
    const answerOf = <T>(request: IDBRequest<T>) => new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    const database = await answerOf(indexedDB.open(name))
    const transaction = database.transaction(['transfers', 'sources'])
    const [transfers, sources] = await Promise.all([
      answerOf(transaction.objectStore('transfers').getAll()),
      answerOf(transaction.objectStore('sources').getAllKeys()),
    ])
    database.close()
    return transfers.map(({ id, name, paused }) => ({
      name,
      paused,
      kept: sources.includes(id),
    }))
  })
}
