import type { DataStep } from './db/migrate.ts'
import { auditActions } from './features/audit/audit.actions.ts'
import { rewriteChains } from './features/audit/rewrite-chains.ts'
import { fillSearchText } from './features/items/fill-search-text.ts'
import { fillEmailKeys } from './features/members/fill-email-keys.ts'

/** What migrations need done to the data in code, by the features whose data it is. */
export const dataSteps: readonly DataStep[] = [
  // What the catalogue does not know may tell about people.
  rewriteChains((action, details) => {
    const known = auditActions.find(definition => definition.action === action)
    return Object.keys(details).filter(name => !known || known.personal.includes(name) || !(name in known.details.properties))
  }),
  fillSearchText('0010_names_in_order', 'items', 'name'),
  fillSearchText('0011_own_activity', 'links', 'title'),
  fillEmailKeys('0024_front_door'),
]
