import { Type } from 'typebox'
import { Literals, Nullable, Uuid } from '../../http/schemas.ts'
import { spaceRoles, workspaceRoles } from '../access/access.policy.ts'
import { Personal } from './define-action.ts'

/* What the details of several actions have in common. */

export const Count = Type.Integer({ minimum: 0 })
export const Role = Literals(...workspaceRoles)
export const SpaceRole = Nullable(Literals(...spaceRoles))
/** The name of something, which may be a person's. */
export const Name = Personal(Type.String())
/** Of a value that was replaced. */
export const Change = <T extends Parameters<typeof Nullable>[0]>(value: T) => Type.Object({ from: value, to: value })

/** The folder where it happened. */
export const place = {
  parentId: Type.Optional(Nullable(Uuid)),
  parentName: Type.Optional(Name),
}
/** The first of many, by name. */
export const someItems = {
  items: Personal(Type.Array(Type.Object({
    id: Uuid,
    kind: Literals('file', 'folder'),
    name: Type.String(),
  }), { maxItems: 20 })),
  itemCount: Count,
}

export const version = Type.Integer({ minimum: 1 })
