import { Type } from 'typebox'
import { Nullable, Uuid } from '../../http/schemas.ts'

export const User = Type.Object({
  id: Uuid,
  name: Type.String(),
  email: Type.String(),
  isOperator: Type.Boolean(),
  locale: Nullable(Type.String()),
}, { $id: 'User' })

/** Of `GET /users/{userId}/picture`. */
export const PictureVersion = Nullable(Type.String({ description: 'Another for another picture; null: none, so initials' }))

/** A person as others see them. Null in its place: deleted, or the system. */
export const Person = Type.Object({
  id: Uuid,
  name: Type.String(),
}, { $id: 'Person' })
