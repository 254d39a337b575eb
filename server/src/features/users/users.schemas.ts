import { Type } from 'typebox'
import { Nullable, Uuid } from '../../http/schemas.ts'

export const User = Type.Object({
  id: Uuid,
  name: Type.String(),
  email: Type.String(),
  isOperator: Type.Boolean(),
  locale: Nullable(Type.String()),
}, { $id: 'User' })

/** A person as others see them. Null in its place: deleted, or the system. */
export const Person = Type.Object({
  id: Uuid,
  name: Type.String(),
}, { $id: 'Person' })
