import type { DataOf, FindingCode, Health, Subject } from './finding-words.ts'
import { findingWords, sayFinding } from './finding-words.ts'

/** Before each line that tells of one. */
export const marks: Record<Health, string> = {
  well: 'ok  ',
  doubtful: 'look',
  broken: 'FAIL',
}

export interface Finding {
  /** `<subject>.<what>` */
  code: FindingCode
  subject: Subject
  health: Health
  /** One sentence in English, with the setting to change where there is one. */
  says: string
  /** What the sentence tells, for those who say it in another language. */
  data: Record<string, string | number>
}

/** Data is asked for where the sentence has some. */
type Given<Code extends FindingCode> = [keyof DataOf<Code>] extends [never]
  ? []
  : [data: DataOf<Code>]

export function find<Code extends FindingCode>(code: Code, ...[data]: Given<Code>): Finding {
  const given: DataOf<Code> = { ...data! }
  // It becomes a part of a sentence.
  if ('problem' in given) given.problem = String(given.problem).replace(/\.$/, '')
  return {
    code,
    subject: code.slice(0, code.indexOf('.')) as Subject,
    health: findingWords[code][0],
    says: sayFinding(code, given),
    data: given,
  }
}

export const isBroken = ({ health }: Finding) => health === 'broken'

/** A store that does not answer is a finding, not something to wait for. */
export const STORE_PATIENCE_MS = 5000
