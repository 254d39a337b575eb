/** What was looked at. */
export type Subject = 'settings' | 'database' | 'store' | 'address' | 'machine' | 'servers' | 'mail'

/** `well`: as it should be; `doubtful`: works, but is not as it should be; `broken`: something that people need does not work. */
export type Health = 'well' | 'doubtful' | 'broken'

/** Before each line that tells of one. */
export const marks: Record<Health, string> = {
  well: 'ok  ',
  doubtful: 'look',
  broken: 'FAIL',
}

export interface Finding {
  subject: Subject
  health: Health
  /** One sentence, with the setting to change where there is one. */
  says: string
}

/** Findings of one subject. */
export function findingsOf(subject: Subject) {
  const finding = (health: Health) => (says: string): Finding => ({ subject, health, says })
  return {
    well: finding('well'),
    doubtful: finding('doubtful'),
    broken: finding('broken'),
  }
}
