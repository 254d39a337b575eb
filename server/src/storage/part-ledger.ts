import type { FileHandle } from 'node:fs/promises'
import type { PartLayout } from './storage.ts'
import { Buffer } from 'node:buffer'
import { onDisk, writeAll } from './disk.ts'
import { countParts } from './part-layout.ts'

const TAG_BYTES = 32
const NO_TAG = Buffer.alloc(TAG_BYTES)

/**
 * The staging file of an upload ends in a ledger: for each part the etag of the send that wrote it last, 32 characters, or zeros.
 * It is what tells a part that was sent well from one that a later, broken send has spoilt, also after a crash:
 *
 * - A tag is cleared, durably, before a part is overwritten.
 * - A tag and the bytes that it vouches for become durable by one fdatasync. A crash may leave a tag without its bytes, but such a
 *   tag was never handed out: every send has a new one, and only acknowledged ones are asked for at the end.
 * - The ledger is cut off when all tags were right, so a file without one needs no further check.
 */
export function stagedSize(layout: PartLayout): number {
  return layout.size + countParts(layout) * TAG_BYTES
}

/** @returns whether there was a tag to clear; then the clearing must be made durable before a byte is written */
export async function clearTag(handle: FileHandle, layout: PartLayout, n: number): Promise<boolean> {
  const old = await readTags(handle, layout, n, 1)
  if (old.equals(NO_TAG))
    return false
  await writeAll(handle, [NO_TAG], tagOffset(layout, n))
  return true
}

export async function writeTag(handle: FileHandle, layout: PartLayout, n: number, etag: string): Promise<void> {
  await writeAll(handle, [
    Buffer.from(etag, 'latin1'),
  ], tagOffset(layout, n))
}

/** The numbers of the parts that are missing, or were not written by the send that was acknowledged with that etag. */
export async function findWrongParts(handle: FileHandle, layout: PartLayout, etags: ReadonlyMap<number, string>): Promise<number[]> {
  const count = countParts(layout)
  const tags = (await readTags(handle, layout, 1, count)).toString('latin1')
  return Array.from({ length: count }, (_, i) => i + 1)
    .filter(n => etags.get(n) !== tags.slice((n - 1) * TAG_BYTES, n * TAG_BYTES))
}

async function readTags(handle: FileHandle, layout: PartLayout, first: number, count: number): Promise<Buffer> {
  const tags = Buffer.alloc(count * TAG_BYTES)
  let filled = 0
  while (filled < tags.length) {
    const { bytesRead } = await onDisk('read', handle.read(tags, filled, tags.length - filled, tagOffset(layout, first) + filled))
    if (bytesRead === 0)
      break // a ledger cut short has no tags there
    filled += bytesRead
  }
  return tags
}

function tagOffset(layout: PartLayout, n: number): number {
  return layout.size + (n - 1) * TAG_BYTES
}
