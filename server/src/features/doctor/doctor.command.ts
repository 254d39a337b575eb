import type { Health } from './finding-words.ts'
import type { Finding } from './finding.ts'
import { subjects } from './finding-words.ts'
import { marks } from './finding.ts'

/** How `doctor` ends. Options that it does not know are 78. */
export const doctorExit = {
  /** Nothing is broken; something may be doubtful. */
  well: 0,
  broken: 1,
} as const

const width = Math.max(...subjects.map(({ length }) => length))

export const describeHealth = ({ subject, health, says }: Finding) => `${marks[health]}  ${subject.padEnd(width)}  ${says}`

/** The last line. */
export function sumUp(findings: readonly Finding[]): string {
  const count = (health: Health) => findings.filter(finding => finding.health === health).length
  const [broken, doubtful] = [
    count('broken'),
    count('doubtful'),
  ]
  if (broken + doubtful === 0) return 'All is well.'
  return [
    ...broken > 0
      ? [`${broken} broken`]
      : [],
    ...doubtful > 0
      ? [`${doubtful} to look at`]
      : [],
  ].join(', ').concat('.')
}
