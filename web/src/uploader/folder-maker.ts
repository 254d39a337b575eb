import { ProblemError } from '../api/problem.ts'
import { createSlots } from './slots.ts'

export interface FolderMakerDeps {
  /** Makes a folder; answers its id. @throws {ProblemError} `item.name_taken` */
  create: (workspaceId: string, parentId: string, name: string) => Promise<string>
  /** The id of the folder of that name, or null (a file has the name, or nothing). */
  find: (workspaceId: string, parentId: string, name: string) => Promise<string | null>
  atOnce?: number
}

/** Two names that the server takes for one. */
export const sameName = (a: string, b: string) => a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase()

/** Makes the folders that dropped files came in: each once, however many files ask for it, and none that is there already. */
export function createFolderMaker({ create, find, atOnce = 3 }: FolderMakerDeps) {
  const made = new Map<string, Promise<string>>()
  const slots = createSlots(atOnce)
  // Many files wait for one folder: that one of them is cancelled must not stop it.
  const never = new AbortController().signal

  async function makeOne(workspaceId: string, parentId: string, name: string): Promise<string> {
    const release = await slots.take(never)
    try {
      return await create(workspaceId, parentId, name)
    }
    catch (error) {
      if (!(error instanceof ProblemError) || error.code !== 'item.name_taken') throw error
      const existing = await find(workspaceId, parentId, name)
      if (existing === null) throw error
      return existing
    }
    finally {
      release()
    }
  }

  return {
    /** The id of the folder at `path` below `parentId`. A failure is not remembered: the next who asks tries again. */
    async ensure(workspaceId: string, parentId: string, path: readonly string[]): Promise<string> {
      let id = parentId
      for (const name of path) {
        const key = `${id}/${name.normalize('NFC').toLowerCase()}`
        let folder = made.get(key)
        if (!folder) {
          folder = makeOne(workspaceId, id, name)
          made.set(key, folder)
          folder.catch(() => made.delete(key))
        }
        id = await folder
      }
      return id
    },
    /** Someone may have deleted what was made: ask again from here on. */
    forget: () => made.clear(),
  }
}

export type FolderMaker = ReturnType<typeof createFolderMaker>
