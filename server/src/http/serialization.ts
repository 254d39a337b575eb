import type { FastifyServerOptions } from 'fastify'
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'

const compilerOf = SerializerSelector()
/**
 * By the text of their schemas, whose names mean the same wherever they stand (`shapes` of the features): what many routes answer, as each
 * does its problems, is compiled once for all of them, and for all servers that a process starts.
 */
const compiled = new Map<string, (data: unknown) => string>()

/**
 * Fastify's own serializers, each made when its first answer goes out: made all at the start, they are most of what a start takes, and
 * most are for routes and statuses that are rarely asked for.
 */
export const lazySerializers: FastifyServerOptions['schemaController'] = {
  compilersFactory: {
    buildSerializer(schemas, options) {
      const compile = compilerOf(schemas, options)
      return (route) => {
        let serialize: ReturnType<typeof compile> | undefined
        return (data) => {
          if (!serialize) {
            const text = JSON.stringify(route.schema)
            serialize = compiled.get(text) ?? compile(route)
            compiled.set(text, serialize)
          }
          return serialize(data)
        }
      }
    },
  },
}
