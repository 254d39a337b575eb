import type { Finding, Holdings, Standing } from './identity.service.ts'
import { commandLine } from '../../config/command-line.ts'

const short = (identity: string | null | undefined) => identity?.slice(0, 8) ?? 'none yet'
const moment = (at: Date | null | undefined) => at
  ? `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  : 'never'
const counted = (count: number, what: string) => `${count.toLocaleString('en')} ${what}${count === 1
  ? ''
  : 's'}`

export interface Places { database: string, store: string }

/** The two lines of a start: which database, which store, whose they are and when they were last used. */
export function describeFinding({ database, store }: Finding, { workspaces, files, databaseVersion }: Holdings, places: Places): [string, string] {
  return [
    `Database ${places.database} (PostgreSQL ${databaseVersion}): deployment ${short(database.identity)}, ${counted(workspaces, 'workspace')}, ${counted(files, 'file')}, last used ${moment(database.announcedAt)}`,
    `Store ${places.store}: deployment ${short(store?.deployment)}, last used ${moment(store?.usedAt)}`,
  ]
}

const problems: Record<Exclude<Standing, 'new' | 'ours' | 'unmarked'>, { is: string, bring: string, then: string }> = {
  empty_database: {
    is: 'The store has files of a deployment, but the database is empty: it was lost, or DATABASE_URL names another one.',
    bring: 'Bring the right database back',
    then: 'begin anew beside these files, which are then kept aside',
  },
  foreign_store: {
    is: 'The store belongs to another deployment than the database.',
    bring: 'Set the database or the store that belong together',
    then: 'use this store from now on; what it has of the other deployment is then kept aside',
  },
  unknown_files: {
    is: 'The store has files that the database does not know: one of them is another one than meant.',
    bring: 'Set the database or the store that belong together',
    then: 'use this store from now on; what it has is then kept aside',
  },
  unreadable_mark: {
    is: 'What the store says of whose it is, its object “identity”, cannot be read.',
    bring: 'Bring that object back',
    then: 'use this store from now on; what the database does not know in it is then kept aside',
  },
  lost_store: {
    is: 'The store is empty, or lacks most of the files that the database has known longest: it was lost or emptied, is not mounted, or the settings name another one.',
    bring: 'Bring the right store back',
    then: 'go on without these files',
  },
  older_database: {
    is: 'The store was used later than this database: the database is an old copy, or another server uses the store with another copy of it.',
    bring: 'Bring the newest database back, or stop the other server',
    then: 'go on with this one, as after restoring a backup; files that came later are then kept aside',
  },
  older_store: {
    is: 'The database was used with a later state of this store: the store is an old copy.',
    bring: 'Bring the right store back',
    then: 'go on with this one, without the files that came later',
  },
}

/** @param standing one that is not well */
export const describeProblem = (standing: Standing) => problems[standing as keyof typeof problems]

/** Why a server does not start, and both ways out. */
export function explainFinding(finding: Finding, holdings: Holdings, places: Places): string {
  const { is, bring, then } = describeProblem(finding.standing)
  return [
    is,
    ...describeFinding(finding, holdings, places).map(line => `${line}.`),
    `Nothing was changed. ${bring}; or, to ${then}: ${commandLine('adopt')}`,
  ].join(' ')
}
