import type { ErrorObject, SchemaValidateFunction, ValidateFunction } from 'ajv'
import type { FastifyInstance } from 'fastify'
import type { Writing } from './text-forms.ts'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { requestInvalid } from '../errors/common-errors.ts'
import { isTooDeep } from './body-limit.ts'
import { faultOf, isStorableInstant, isUuid, isVisible, withoutMarks, WRITTEN } from './text-forms.ts'

const rfc3339 = addFormats.default.get('date-time', 'full') as { validate: (text: string) => boolean }
/** ajv-formats takes more than can be stored. */
const isDateTime = (text: string) => rfc3339.validate(text) && isStorableInstant(text)

/** Says in words what is wrong with what somebody wrote, and takes out of a name what is not part of it. */
const takeWriting: SchemaValidateFunction = (as: Writing | 'item-name', text: string, { minLength } = {}, place) => {
  if (as === 'item-name') return true
  const kept = as === 'name'
    ? withoutMarks(text)
    : text
  const fault = faultOf(kept, as) ?? (minLength > 0 && !isVisible(kept)
    ? 'needs at least one visible character'
    : undefined)
  if (fault !== undefined) {
    takeWriting.errors = [
      { keyword: WRITTEN, params: {}, message: fault },
    ]
    return false
  }
  if (place && kept !== text) place.parentData[place.parentDataProperty] = kept
  return true
}

const options = {
  allErrors: false,
  useDefaults: true,
  removeAdditional: false,
  strict: true,
  strictTypes: false,
  // How a list is written in an address: for OpenAPI alone.
  keywords: ['style', 'explode'],
}
const withFormats = (ajv: Ajv) => addFormats.default(ajv).addFormat('uuid', isUuid).addFormat('date-time', isDateTime).addKeyword({
  keyword: WRITTEN,
  type: 'string',
  schemaType: 'string',
  modifying: true,
  errors: true,
  validate: takeWriting,
})
const literal = compilerOf(withFormats(new Ajv({ ...options, coerceTypes: false })))
const textual = compilerOf(withFormats(new Ajv({ ...options, coerceTypes: 'array' })))

/** By the text of their schemas: those of many routes are the same, and those of all servers that a process starts. */
function compilerOf(ajv: Ajv): (schema: object) => ValidateFunction {
  const compiled = new Map<string, ValidateFunction>()
  return (schema) => {
    const text = JSON.stringify(schema)
    const validate = compiled.get(text) ?? ajv.compile(schema)
    compiled.set(text, validate)
    return validate
  }
}

/** Bodies are taken literally; addresses and headers are text, so their numbers and booleans are read from it. */
export function useStrictValidation(app: FastifyInstance): void {
  app.setValidatorCompiler(({ schema, httpPart }) => lazily(() => httpPart === 'body'
    ? told(literal(schema as object))
    : refuseEndless(textual(schema as object))))
}

type Validate = (data: Record<string, unknown>) => boolean | { error: ErrorObject[] }

/** Compiled when it is first asked: all of them at once are a good part of what a start takes. */
function lazily(compile: () => Validate): Validate {
  let validate: Validate | undefined
  return (data) => {
    validate ??= compile()
    return validate(data)
  }
}

function told(validate: ValidateFunction): Validate {
  return data => validate(data) || { error: validate.errors ?? [] }
}

/**
 * Bodies that are JSON. Some clients call every body that, also the one that they do not send: where one is needed its schema says so. What nests
 * without end would hold the process in the parser.
 */
export function takeJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else if (isTooDeep(body)) done(requestInvalid('The body is nested too deeply'))
    else void parse(request, body, done)
  })
}

/** Ajv reads `1e400` and `Infinity` as a number, and then compares it with no minimum or maximum. */
function refuseEndless(validate: ValidateFunction): Validate {
  return (data) => {
    if (!validate(data)) return { error: validate.errors ?? [] }
    const endless = Object.keys(data).find(name => typeof data[name] === 'number' && !Number.isFinite(data[name]))
    return endless === undefined || {
      error: [
        {
          instancePath: `/${endless}`,
          schemaPath: '',
          keyword: 'type',
          params: {},
          message: 'must be a number',
        },
      ],
    }
  }
}
