/** What a schema of a body has that bounds it, of JSON Schema. */
interface Shape {
  type?: string
  format?: string
  enum?: readonly unknown[]
  const?: unknown
  anyOf?: readonly Shape[]
  maxLength?: number
  items?: Shape
  maxItems?: number
  properties?: Record<string, Shape>
}

/** A character beyond the first 65,536, written as two escapes. */
const CHARACTER_BYTES = 12
const NUMBER_BYTES = 32
/** The longest of an id, a day and a time with more digits than anybody measures. */
const FORMAT_BYTES = 64
/** Around each value: quotes, comma, colon, and what printers indent with. */
const AROUND_BYTES = 32
/** For who sends `{}` where nothing is wanted. */
const LEAST_BYTES = 1024

/**
 * The bytes that a JSON body of this schema can need, however its text is escaped and (within reason) indented; a kibibyte where there is no body.
 * @throws {Error} when something in it has no bound
 */
export function bodyBytesOf(schema: unknown): number {
  return LEAST_BYTES + (schema === undefined
    ? 0
    : bytesOf(schema as Shape, 'body'))
}

function bytesOf(shape: Shape, name: string): number {
  if (shape.anyOf) return Math.max(...shape.anyOf.map(each => bytesOf(each, name)))
  if (shape.enum) return Math.max(...shape.enum.map(literalBytes))
  if (shape.const !== undefined) return literalBytes(shape.const)
  switch (shape.type) {
    case 'string':
      if (shape.maxLength !== undefined) return shape.maxLength * CHARACTER_BYTES + AROUND_BYTES
      if (shape.format !== undefined) return FORMAT_BYTES + AROUND_BYTES
      break
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return NUMBER_BYTES + AROUND_BYTES
    case 'array':
      if (shape.items && shape.maxItems !== undefined) return shape.maxItems * bytesOf(shape.items, name) + AROUND_BYTES
      break
    case 'object':
      if (shape.properties) {
        return Object.entries(shape.properties).reduce((sum, [key, each]) => sum + literalBytes(key) + bytesOf(each, key), AROUND_BYTES)
      }
  }
  throw new Error(`The schema of “${name}” has no bound for its length: give it a maxLength, maxItems or format`)
}

const literalBytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value)) + AROUND_BYTES

/** Deeper than any schema of ours. */
const MAX_DEPTH = 16

/** Whether a JSON text nests deeper than any body of ours; found while it is read, without parsing it. */
export function isTooDeep(text: string): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === BACKSLASH) i++
      else if (code === QUOTE) inString = false
    }
    else if (code === QUOTE) {
      inString = true
    }
    else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      if (++depth > MAX_DEPTH) return true
    }
    else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) {
      depth--
    }
  }
  return false
}

const [QUOTE, BACKSLASH, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [...'"\\[]{}'].map(character => character.charCodeAt(0))
