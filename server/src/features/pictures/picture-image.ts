import type { Sharp } from 'sharp'
import { fileTypeFromBuffer } from 'file-type'
import { pictureTooManyPixels, pictureUnreadable } from './pictures.errors.ts'
import { MAX_KEPT_BYTES, MAX_KEPT_SIDE, MAX_SENT_PIXELS } from './pictures.policy.ts'

/** By their first bytes, whatever the request says. Nothing else reaches the library, which could read a dozen more (SVG, for one). */
const readable = ['image/jpeg', 'image/png', 'image/webp']
/** Until it has few enough bytes; the last one has, whatever is seen on it. */
const tries = [
  { side: MAX_KEPT_SIDE, quality: 82 },
  { side: MAX_KEPT_SIDE, quality: 60 },
  { side: MAX_KEPT_SIDE / 2, quality: 60 },
]
const MAX_SECONDS = 20

/** Loaded when the first picture comes: a server at rest has no use for its 20 MB. */
let loaded: Promise<(input: Buffer) => Sharp> | undefined
const load = () => loaded ??= import('sharp').then(({ default: sharp }) => {
  sharp.concurrency(1)
  sharp.cache(false)
  sharp.block({
    operation: ['VipsForeignLoad'],
  })
  sharp.unblock({
    operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
  })
  return input => sharp(input, { limitInputPixels: MAX_SENT_PIXELS, failOn: 'warning', autoOrient: true })
})

/** One after another: each may need the memory of all its pixels. */
let last: Promise<unknown> = Promise.resolve()

/**
 * The picture as it is kept: a square WebP of its middle, upright, without anything that stood beside its pixels (place, camera, profile); the
 * first one of several that move.
 * @throws {AppError} `picture.unreadable`, `picture.too_many_pixels`
 */
export async function squarePicture(sent: Buffer): Promise<Buffer> {
  const type = await fileTypeFromBuffer(sent)
  if (!type || !readable.includes(type.mime)) throw pictureUnreadable('It is neither a JPEG nor a PNG nor a WebP')
  const result = last.then(() => shrink(sent))
  last = result.catch(() => {})
  return result
}

async function shrink(sent: Buffer): Promise<Buffer> {
  const open = await load()
  const { width, height } = await open(sent).metadata().then(({ autoOrient }) => autoOrient, refuse)
  const largest = Math.min(width, height)
  for (const { side, quality } of tries) {
    const kept = await open(sent)
      .timeout({ seconds: MAX_SECONDS })
      .resize(Math.min(side, largest), Math.min(side, largest), { fit: 'cover' })
      .flatten({ background: '#ffffff' })
      .webp({ quality })
      .toBuffer()
      .catch(refuse)
    if (kept.length <= MAX_KEPT_BYTES) return kept
  }
  throw pictureUnreadable('It cannot be made small enough')
}

function refuse(error: unknown): never {
  throw error instanceof Error && /pixel limit/.test(error.message)
    ? pictureTooManyPixels({ cause: error })
    : pictureUnreadable({ detail: 'It is broken, or not all of it came', cause: error })
}
