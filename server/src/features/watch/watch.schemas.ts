import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Nullable } from '../../http/schemas.ts'

const from = (maximum: number, description: string) => Nullable(Type.Integer({ minimum: 1, maximum, description }))

/** From how many in an hour on the administrators of a workspace are told; null: never. */
const watch = {
  // Of one link the log tells of no more than 30 in an hour.
  refusals: from(30, 'Visitors refused at one link, from different networks or for different reasons'),
  downloads: from(1_000_000, 'Files that one member downloads'),
  deletions: from(1_000_000, 'Files that one member moves to the trash, or deletes for ever'),
}
export const WatchInput = Body(watch)
export const Watch = Type.Object(watch, { $id: 'Watch', description: 'In an hour; null: never' })
export type Watch = Static<typeof Watch>
