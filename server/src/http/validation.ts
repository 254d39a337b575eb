import type { FastifyInstance } from 'fastify'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'

/** As this API writes ids. ajv-formats would also take `urn:uuid:` in front, which PostgreSQL refuses, and capitals, which are no other id. */
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Bodies are taken literally; addresses and headers are text, so their numbers and booleans are read from it. */
export function useStrictValidation(app: FastifyInstance): void {
  const options = {
    allErrors: false,
    useDefaults: true,
    removeAdditional: false,
    strict: true,
    strictTypes: false,
  } as const
  const withFormats = (ajv: Ajv) => addFormats.default(ajv).addFormat('uuid', uuid)
  const literal = withFormats(new Ajv({ ...options, coerceTypes: false }))
  const textual = withFormats(new Ajv({ ...options, coerceTypes: 'array' }))
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body'
    ? literal
    : textual).compile(schema as object))
}
