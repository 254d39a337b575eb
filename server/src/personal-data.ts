import type { PersonalData } from './personal-data/define-personal-data.ts'
import { auditNotPersonal, auditPersonal } from './features/audit/audit.personal.ts'
import { accountData } from './personal-data/account.ts'
import { filesData } from './personal-data/files.ts'
import { messagesData } from './personal-data/messages.ts'
import { otherColumns } from './personal-data/not-personal.ts'
import { technicalData } from './personal-data/technical.ts'

/** Everything about people that the database holds. A test asks for each column that can hold such a thing whether it stands here or below. */
export const personalData: readonly PersonalData[] = [
  ...accountData,
  ...filesData,
  auditPersonal,
  ...technicalData,
  ...messagesData,
]

export const notPersonal: Record<string, readonly string[]> = {
  ...otherColumns,
  ...auditNotPersonal,
}
