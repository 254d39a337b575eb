import type { FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import { requestInvalid } from '../../../errors/common-errors.ts'
import { uploadStalled } from '../uploads.errors.ts'

/**
 * The one file of a form (RFC 7578), as a stream.
 * @throws {AppError} `request.invalid` for anything else; `end` also, when the form goes on after the file or breaks off; `upload.stalled`
 * when what comes before or after the file's bytes takes longer than `idleMs`
 */
export async function readForm(request: FastifyRequest, { idleMs }: { idleMs: number }): Promise<{ file: Readable, end: () => Promise<void> }> {
  const wanted = 'Send multipart/form-data with one file part and nothing else'
  if (!request.isMultipart()) throw requestInvalid(wanted)
  const parts = request.parts()
  async function next() {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(uploadStalled()), idleMs)
    const part = parts.next().catch((error: unknown) => { throw requestInvalid({ detail: wanted, cause: error }) })
    return Promise.race([part, late.promise]).finally(() => clearTimeout(timer))
  }
  const first = await next()
  if (first.done || first.value.type !== 'file') throw requestInvalid(wanted)
  return {
    file: first.value.file,
    async end() {
      if (!(await next()).done) throw requestInvalid(wanted)
    },
  }
}
