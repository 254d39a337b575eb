import { ProblemError } from '../api/problem.ts'
import { createSlots } from './slots.ts'

export interface FolderMakerDeps {
  /**
   * The folder of that name: the one that is there, else a new one. What is the same name, the server says.
   * @throws {ProblemError} `item.name_invalid`
   */
  create: (workspaceId: string, parentId: string, name: string) => Promise<{ id: string, name: string, isNew: boolean }>
  /** Whether a folder may get another name than it had where it came from. */
  mayClean: (batchId: string, name: string, cleaned: string) => Promise<boolean>
  atOnce?: number
}

/** A folder that dropped files lie in, as it is on the server. */
export interface UploadFolder {
  id: string
  name: string
  /** The batch that it was made for; undefined: it was there. */
  madeFor?: string
}

/** The person does not want the folder under another name than its own. */
export class FolderLeftOutError extends Error {}

/** A name that the server offers instead of one that it cannot take. */
function cleanedName(error: unknown): string | undefined {
  if (!(error instanceof ProblemError) || error.code !== 'item.name_invalid') return undefined
  const { suggestedName } = error.body
  return typeof suggestedName === 'string'
    ? suggestedName
    : undefined
}

/** Makes the folders that dropped files came in: each once, however many files ask for it, and none that is there already. */
export function createFolderMaker({ create, mayClean, atOnce = 3 }: FolderMakerDeps) {
  const made = new Map<string, Promise<UploadFolder>>()
  const slots = createSlots(atOnce)
  // Many files wait for one folder: that one of them is cancelled must not stop it.
  const never = new AbortController().signal

  async function createInSlot(batchId: string, workspaceId: string, parentId: string, wanted: string): Promise<UploadFolder> {
    const release = await slots.take(never)
    const { id, name, isNew } = await create(workspaceId, parentId, wanted).finally(release)
    return {
      id,
      name,
      madeFor: isNew ? batchId : undefined,
    }
  }

  async function makeOne(batchId: string, workspaceId: string, parentId: string, name: string): Promise<UploadFolder> {
    try {
      return await createInSlot(batchId, workspaceId, parentId, name)
    }
    catch (error) {
      const cleaned = cleanedName(error)
      if (cleaned === undefined) throw error
      if (!await mayClean(batchId, name, cleaned)) throw new FolderLeftOutError()
      return createInSlot(batchId, workspaceId, parentId, cleaned)
    }
  }

  return {
    /**
     * The folders of `path` below `parentId`, downwards. A failure is not remembered: the next who asks tries again.
     * @throws {FolderLeftOutError | ProblemError}
     */
    async ensure(batchId: string, workspaceId: string, parentId: string, path: readonly string[]): Promise<UploadFolder[]> {
      const way: UploadFolder[] = []
      for (const name of path) {
        const id = way.at(-1)?.id ?? parentId
        const key = `${id}/${name}`
        let folder = made.get(key)
        if (!folder) {
          folder = makeOne(batchId, workspaceId, id, name)
          made.set(key, folder)
          folder.catch(() => made.delete(key))
        }
        way.push(await folder)
      }
      return way
    },
    /** Someone may have deleted what was made: ask again from here on. */
    forget: () => made.clear(),
  }
}

export type FolderMaker = ReturnType<typeof createFolderMaker>
