import type { PartLayout, PartRange } from './storage.ts'

/** S3's limit, kept by all drivers so that an upload fits any of them. */
export const MAX_PARTS = 10_000

/**
 * How many parts an upload has; an empty file has one, of zero bytes.
 * @throws RangeError for sizes that no upload can have
 */
export function countParts({ size, partSize }: PartLayout): number {
  if (!Number.isSafeInteger(size) || size < 0 || !Number.isSafeInteger(partSize) || partSize < 1)
    throw new RangeError(`not an upload's layout: ${size} bytes in parts of ${partSize}`)
  const count = Math.max(1, Math.ceil(size / partSize))
  if (count > MAX_PARTS)
    throw new RangeError(`an upload has at most ${MAX_PARTS} parts, not ${count}`)
  return count
}

/**
 * Where part `n` (from 1) lies.
 * @throws RangeError when the upload has no such part
 */
export function locatePart(layout: PartLayout, n: number): PartRange {
  if (!Number.isInteger(n) || n < 1 || n > countParts(layout))
    throw new RangeError(`the upload has no part ${n}`)
  const offset = (n - 1) * layout.partSize
  return {
    n,
    offset,
    size: Math.min(layout.partSize, layout.size - offset),
  }
}
