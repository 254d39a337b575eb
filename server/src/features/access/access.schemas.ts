import { Type } from 'typebox'
import { Literals } from '../../http/schemas.ts'
import { itemActions, spaceRoles } from './access.policy.ts'

const Scope = Literals('none', 'own', 'all')

/** What each space role may do, as the policy decides it: `own` means on files that one has uploaded oneself. */
export const RoleTable = Type.Object({
  spaceRoles: Type.Array(Type.Object({
    role: Literals(...spaceRoles),
    may: Type.Object(Object.fromEntries(itemActions.map(action => [action, Scope])) as Record<typeof itemActions[number], typeof Scope>),
  })),
}, { $id: 'RoleTable' })
