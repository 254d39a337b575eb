/** A folder that cannot have its name here, and the name that it could have. */
export interface UnusableName { name: string, cleaned: string }

interface Question extends UnusableName { batchId: string, resolve: (may: boolean) => void }

/** Asks the person once about all folders of what was dropped together whose names cannot be kept. */
export function createFolderNames(onChange: () => void) {
  const open: Question[] = []
  const answers = new Map<string, boolean>()
  return {
    mayClean(batchId: string, name: string, cleaned: string): Promise<boolean> {
      const answer = answers.get(batchId)
      if (answer !== undefined) return Promise.resolve(answer)
      return new Promise((resolve) => {
        open.push({ batchId, name, cleaned, resolve })
        onChange()
      })
    },
    /** What waits for an answer. */
    open: (): UnusableName[] => open.map(({ name, cleaned }) => ({ name, cleaned })),
    /** For all that were asked about, and for what else came with them. */
    answer(may: boolean) {
      for (const { batchId, resolve } of open.splice(0)) {
        answers.set(batchId, may)
        resolve(may)
      }
      onChange()
    },
  }
}

export type FolderNames = ReturnType<typeof createFolderNames>
