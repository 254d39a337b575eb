import type { Db } from '../../db/database.ts'
import type { Finding } from './finding.ts'
import { deliverableAddress } from '../../mail/mail-address.ts'
import * as queries from './doctor.queries.ts'
import { find } from './finding.ts'

/** More would make a line that nobody reads; once these are mended, the next are named. */
const NAMED = 5

/** Accounts of before such addresses were refused. By id: what was found is kept, and is no place for the addresses of people. */
export async function* examinePeople(db: Db): AsyncGenerator<Finding> {
  const unreached = (await queries.listAddresses(db)).filter(({ email }) => deliverableAddress(email) === undefined)
  if (unreached.length > 0) {
    yield find('people.unreached', {
      count: unreached.length,
      accounts: unreached.slice(0, NAMED).map(({ id }) => id).join(', '),
    })
  }
}
