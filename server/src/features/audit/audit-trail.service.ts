import type { ItemPage } from '../items/items.service.ts'
import type { AuditEvent, AuditQuery } from './audit.schemas.ts'

/** Reading the log; writing it is audit.service.ts. `chainId`: a workspace's id, or INSTANCE_CHAIN. */
export interface AuditTrailService {
  list: (chainId: string, query: AuditQuery) => Promise<ItemPage<AuditEvent>>
  /** Events per UTC day, oldest first, every day present. */
  countByDay: (chainId: string, days: number) => Promise<{ day: string, count: number }[]>
  /** Walks the chain. `brokenAt`: the first seq whose hash or number does not follow. */
  verify: (chainId: string) => Promise<{ events: number, brokenAt: number | null }>
}
