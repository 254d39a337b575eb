import type { FastifyInstance } from 'fastify'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'

/** Bodies are taken literally; addresses and headers are text, so their numbers and booleans are read from it. */
export function useStrictValidation(app: FastifyInstance): void {
  const options = {
    allErrors: false,
    useDefaults: true,
    removeAdditional: false,
    strict: true,
    strictTypes: false,
  } as const
  const literal = addFormats.default(new Ajv({ ...options, coerceTypes: false }))
  const textual = addFormats.default(new Ajv({ ...options, coerceTypes: 'array' }))
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body'
    ? literal
    : textual).compile(schema as object))
}
