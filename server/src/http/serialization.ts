import type { FastifyServerOptions } from 'fastify'
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'

const compilerOf = SerializerSelector()

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
          serialize ??= compile(route)
          return serialize(data)
        }
      }
    },
  },
}
