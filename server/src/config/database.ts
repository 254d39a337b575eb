import { Type } from 'typebox'
import { defineFragment, setting } from './fragment.ts'

export const databaseSettings = defineFragment({
  settings: {
    databaseUrl: Type.String({
      ...setting('DATABASE_URL', 'PostgreSQL 15 or newer: postgres://user:password@host/name', true),
      pattern: '^postgres(ql)?://',
      default: '',
    }),
    databasePoolSize: Type.Integer({
      ...setting('DATABASE_POOL_SIZE', 'Connections this process may hold'),
      minimum: 2,
      maximum: 200,
      default: 16,
    }),
  },
})
