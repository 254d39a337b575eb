import type { Finding } from './finding.ts'
import { statfs } from 'node:fs/promises'
import { findingsOf } from './finding.ts'

const GiB = 1024 ** 3
const LEAST_BYTES = 5 * GiB
const LEAST_SHARE = 0.05

const { well, doubtful, broken } = findingsOf('machine')

/** Room in a folder of this machine. @param free in bytes, as told; else the file system is asked */
export async function examineDisk(folder: string, free?: { free: number, size: number }): Promise<Finding[]> {
  try {
    const room = free ?? await roomIn(folder)
    const says = `${(room.free / GiB).toFixed(1)} GiB of ${(room.size / GiB).toFixed(0)} GiB are free in ${folder}`
    if (room.free === 0) {
      return [
        broken(`${says}: nothing can be stored. Make room.`),
      ]
    }
    return room.free < LEAST_BYTES || room.free < room.size * LEAST_SHARE
      ? [
          doubtful(`${says}. Make room before uploads are refused.`),
        ]
      : [
          well(`${says}.`),
        ]
  }
  catch (error) {
    return [
      broken(`${folder} cannot be looked at (${(error as NodeJS.ErrnoException).code}). It has to be a folder of the user that runs the server.`),
    ]
  }
}

async function roomIn(folder: string): Promise<{ free: number, size: number }> {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { free: bavail * bsize, size: blocks * bsize }
}
