import type { Finding } from './finding.ts'
import { stat, statfs } from 'node:fs/promises'
import { find } from './finding.ts'

const GiB = 1024 ** 3
const LEAST_BYTES = 5 * GiB
const LEAST_SHARE = 0.05

/** Room in a folder of this machine. @param told in bytes; else the file system is asked */
export async function examineDisk(folder: string, told?: { free: number, size: number }): Promise<Finding[]> {
  try {
    const { free, size } = told ?? await roomIn(folder)
    const data = { freeBytes: free, sizeBytes: size, folder }
    if (free === 0) {
      return [
        find('disk.full', data),
      ]
    }
    return [
      free < LEAST_BYTES || free < size * LEAST_SHARE
        ? find('disk.little', data)
        : find('disk.well', data),
    ]
  }
  catch (error) {
    return [
      find('disk.unreadable', {
        folder,
        error: String((error as NodeJS.ErrnoException).code),
      }),
    ]
  }
}

async function roomIn(folder: string): Promise<{ free: number, size: number }> {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { free: bavail * bsize, size: blocks * bsize }
}

/** Who else may look into a folder whose files are people's, or change them. One that the server makes is its own user's alone. */
export async function examinePermissions(folder: string): Promise<Finding[]> {
  const { mode } = await stat(folder).catch(() => ({ mode: 0 })) // what stands on it has said so
  if ((mode & 0o002) !== 0) {
    return [
      find('disk.others_write', { folder }),
    ]
  }
  return (mode & 0o005) === 0
    ? []
    : [
        find('disk.others_read', { folder }),
      ]
}
