import type { FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import { requestInvalid } from '../../errors/common-errors.ts'

/**
 * The one file of a form (RFC 7578), as a stream.
 * @throws {AppError} `request.invalid` for anything else; `end` also, when the form goes on after the file or breaks off
 */
export async function readForm(request: FastifyRequest): Promise<{ file: Readable, end: () => Promise<void> }> {
  const wanted = 'Send multipart/form-data with one file part and nothing else'
  if (!request.isMultipart()) throw requestInvalid(wanted)
  const parts = request.parts()
  const invalid = (error: unknown) => { throw requestInvalid({ detail: wanted, cause: error }) }
  const first = await parts.next().catch(invalid)
  if (first.done || first.value.type !== 'file') throw requestInvalid(wanted)
  return {
    file: first.value.file,
    async end() {
      const next = await parts.next().catch(invalid)
      if (!next.done) throw requestInvalid(wanted)
    },
  }
}
