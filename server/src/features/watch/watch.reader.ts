import type { AuditReader } from '../audit/audit-readers.service.ts'
import type { WatchService } from './watch.service.ts'
import { watchedActions } from './watch.service.ts'

/** Finds in what others did what somebody should see soon. */
export const watchReader = (watch: Pick<WatchService, 'look'>): AuditReader => ({
  name: 'watch',
  actions: watchedActions,
  read: watch.look,
})
