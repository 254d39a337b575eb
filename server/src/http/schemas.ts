import type { Static, TProperties, TSchema } from 'typebox'
import type { Writing } from './text-forms.ts'
import { Type } from 'typebox'
import { errorCodes } from '../errors/error-codes.ts'
import { WRITTEN } from './text-forms.ts'

export const Uuid = Type.String({ format: 'uuid', description: 'UUIDv7' })
export const Instant = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' })
export const Bytes = Type.Integer({ minimum: 0, description: 'Bytes' })
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([
  schema,
  Type.Null(),
])
export const Literals = <T extends string>(...values: T[]) => Type.Unsafe<T>(Type.String({ enum: values }))
/** What people write. What each of the kinds cannot contain is in `text-forms.ts`; `validation.ts` asks it. Where there has to be something, it can be seen. */
const written = (as: Writing, description: string) => (maxLength: number, minLength = 1) => Type.String({
  minLength,
  maxLength,
  [WRITTEN]: as,
  description,
})
export const Line = written('line', 'One line: no control characters, none that change the direction of text')
/** Of people, workspaces and the like. */
export const Name = written('name', 'One line: no control characters, none that change the direction of text; direction marks are dropped')
export const Text = written('text', 'Lines of text: no other control characters, none that change the direction of text')
export const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: '^[^@\\s]+@[^@\\s]+$',
  [WRITTEN]: 'address',
})
/** A primary tag of BCP 47: `en`, `de`, `ar`. Which of them are languages, `languages.ts` says. */
export const Language = Type.String({ maxLength: 3, pattern: '^[a-z]{2,3}$', description: 'A language: two or three letters of BCP 47' })
/** Never shown, so it may be made of anything. */
export const Password = (minLength = 1, maxLength = 1024) => Type.String({ minLength, maxLength, format: 'password' })

/** RFC 9457 problem details. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String({ enum: errorCodes, description: 'Stable, dotted: what a program should look at' }),
  requestId: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({
    pointer: Type.String(),
    detail: Type.String(),
  }))),
  gates: Type.Optional(Type.Array(Type.String(), { description: 'With link.locked: what the link still asks for' })),
  suggestedName: Type.Optional(Nullable(Type.String({ description: 'With item.name_invalid: the nearest name that can be used' }))),
  existing: Type.Optional(Type.Ref('Item', { description: 'With item.name_taken, where one may see it: what has the name' })),
  sessionLimit: Type.Optional(Type.Object({
    kind: Literals('idle', 'total'),
    minutes: Type.Integer(),
  }, { description: 'With auth.unauthenticated, by a session that has come to its end by itself: without use for so long, or so long after the sign-in' })),
  workspaceName: Type.Optional(Type.String({ description: 'With link.locked: whose link it is' })),
}, { $id: 'Problem', additionalProperties: true })

const problem = (description: string) => ({
  description,
  content: {
    'application/problem+json': {
      schema: Type.Ref('Problem'),
    },
  },
})
/** The error answers of every route. */
export const problems = {
  '4xx': problem('Refused: `code` says why'),
  '5xx': problem('The server, or something that it needs, failed'),
}

/** An answer that is sent as it is, of one of these media types. */
export const Sent = (description: string, ...mediaTypes: string[]) => ({
  description,
  content: Object.fromEntries(mediaTypes.map(type => [
    type,
    {
      schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }),
    },
  ])),
})

export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 1024 })),
}

export const Page = <T extends TSchema>(items: T) => Type.Object({
  items: Type.Array(items),
  nextCursor: Nullable(Type.String()),
})

export const WorkspaceParams = Type.Object({ workspaceId: Uuid })
export const NoContent = Type.Null({ description: 'Done' })
export const IfMatch = Type.Object({
  'if-match': Type.Optional(Type.String({ maxLength: 64 })),
})
export const IdempotencyHeader = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
})

/** A reference to a shared shape that keeps its static type. The shape itself is registered once, in app.ts. */
export const Ref = <T extends TSchema>(schema: T) => Type.Unsafe<Static<T>>(Type.Ref((schema as { $id?: string }).$id!))
/** An object that refuses members it does not know. */
export const Body = <T extends TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false })
