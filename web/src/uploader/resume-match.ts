import type { TransferRecord } from './transfer.ts'

interface ChosenFile { name: string, size: number, lastModified: number }
type Sought = Pick<TransferRecord, 'id' | 'name' | 'sourceName' | 'size' | 'lastModified'>

/** Whether these can be the same bytes: name, size and the time of the last change, to the second (some file systems keep no more). */
export function isSameFile(sought: Omit<Sought, 'id'>, file: ChosenFile): boolean {
  return (sought.sourceName ?? sought.name).normalize() === file.name.normalize()
    && sought.size === file.size
    && Math.floor(sought.lastModified / 1000) === Math.floor(file.lastModified / 1000)
}

/** Gives each transfer that lost its bytes one of the files that the person chose again; each file serves once. */
export function matchFiles<F extends ChosenFile>(lost: readonly Sought[], files: readonly F[]): Map<string, F> {
  const left = [...files]
  const matches = new Map<string, F>()
  for (const sought of lost) {
    const at = left.findIndex(file => isSameFile(sought, file))
    if (at >= 0) matches.set(sought.id, left.splice(at, 1)[0]!)
  }
  return matches
}
