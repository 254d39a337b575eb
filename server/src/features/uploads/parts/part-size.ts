import { MAX_PARTS } from '../../../storage/part-layout.ts'

const MiB = 1024 * 1024
/** Of most parts, in bytes. */
export const SMALLEST_PART = 16 * MiB
/** Every proxy on the way lets a body of this size pass. */
const LARGEST = 50 * MiB
const PREFERRED_PARTS = 1000

/** The largest file that fits into parts, in bytes. */
export const LARGEST_UPLOAD = LARGEST * MAX_PARTS

/** How a file of `size` bytes is cut: parts of 16 MiB, larger ones to stay near a thousand, never above 50 MiB. An empty file has none. */
export function layOutParts(size: number): { partSize: number, partCount: number } {
  const wanted = Math.ceil(size / PREFERRED_PARTS / MiB) * MiB
  const partSize = Math.min(LARGEST, Math.max(SMALLEST_PART, wanted))
  return {
    partSize,
    partCount: Math.ceil(size / partSize),
  }
}
