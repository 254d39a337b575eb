import { Type } from 'typebox'
import { Instant, Literals, Uuid } from '../../http/schemas.ts'
import { BY_TOKEN, defineAction, definedActions, Personal } from './define-action.ts'

/*
 * The catalogue: every action that the log knows, named once, by family. Services make their events with these factories, OpenAPI lists the
 * names, and the web has a sentence, an icon and labels for each. A detail is worth its place when a sentence or a reader needs it.
 */

export * from './account.actions.ts'
export * from './file.actions.ts'
export * from './link.actions.ts'
export * from './operator.actions.ts'
export * from './watch.actions.ts'
export * from './workspace.actions.ts'

/** Of the log that was exported, with what was asked of it. */
export const auditExported = defineAction('audit.exported', {
  chain: 'either',
  subject: ['workspace', 'instance'],
  details: {
    format: Literals('csv', 'jsonl'),
    actions: Type.Optional(Type.Array(Type.String())),
    outcome: Type.Optional(Type.String()),
    since: Type.Optional(Instant),
    until: Type.Optional(Instant),
    search: Type.Optional(Personal(Type.String())),
    personId: Type.Optional(Uuid),
    subjectId: Type.Optional(Uuid),
  },
  concerns: ['admins', 'operators'],
  webhook: false,
})

/** By name. */
export const auditActions = definedActions()
export const auditFamilies = [
  ...new Set(auditActions.map(({ family }) => family)),
]
/** Every name that a detail has somewhere. */
export const detailNames = [
  ...new Set([
    BY_TOKEN,
    ...auditActions.flatMap(({ details }) => Object.keys(details.properties)),
  ]),
].sort()
