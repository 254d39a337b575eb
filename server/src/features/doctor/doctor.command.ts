import type { Finding, Health, Subject } from './finding.ts'
import { marks } from './finding.ts'

/** How `doctor` ends. Options that it does not know are 78. */
export const doctorExit = {
  /** Nothing is broken; something may be doubtful. */
  well: 0,
  broken: 1,
} as const

const names: Record<Subject, string> = {
  settings: 'settings',
  database: 'database',
  store: 'store',
  address: 'address',
  machine: 'disk',
  servers: 'servers',
  mail: 'mail',
}
const width = Math.max(...Object.values(names).map(({ length }) => length))

export const describeHealth = ({ subject, health, says }: Finding) => `${marks[health]}  ${names[subject].padEnd(width)}  ${says}`

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
