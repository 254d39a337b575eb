import { Type } from 'typebox'
import { Nullable, Uuid } from '../../http/schemas.ts'
import { Change, Count } from './action-details.ts'
import { ofInstance, ofWorkspace, Personal } from './define-action.ts'

/* What the watch (`features/watch`) finds in what others did: so many times in an hour, or from where nobody knew them. */

const often = { times: Count }
const network = Personal(Type.String())

export const watchLinkRefusals = ofWorkspace('watch.link_refusals', {
  subject: ['link'],
  details: often,
  concerns: ['admins'],
})
export const watchAccountRefusals = ofInstance('watch.account_refusals', {
  subject: ['user'],
  details: often,
  concerns: ['operators'],
})
export const watchDownloads = ofWorkspace('watch.downloads', {
  subject: ['member'],
  details: { userId: Uuid, ...often },
  concerns: ['admins'],
})
export const watchDeletions = ofWorkspace('watch.deletions', {
  subject: ['member'],
  details: { userId: Uuid, ...often },
  concerns: ['admins'],
})
/** Of somebody who manages the workspace. */
export const watchNetwork = ofWorkspace('watch.network', {
  subject: ['member'],
  details: { userId: Uuid, network },
  concerns: ['admins'],
})
export const watchOperatorNetwork = ofInstance('watch.operator_network', {
  subject: ['user'],
  details: { userId: Uuid, network },
  concerns: ['operators'],
})

/** From how many in an hour on; null: never. */
export const workspaceWatchChanged = ofWorkspace('workspace.watch_changed', {
  subject: ['workspace'],
  details: {
    refusals: Change(Nullable(Count)),
    downloads: Change(Nullable(Count)),
    deletions: Change(Nullable(Count)),
  },
  concerns: ['admins'],
})
