import type { DataStep } from '../../db/migrate.ts'
import { emailKey } from '../users/email-key.ts'

/** Gives every invitation to an address, in `email_key`, what it is compared by, with the migration that brought the column. */
export function fillEmailKeys(migration: string): DataStep {
  return {
    migration,
    async run(client) {
      const { rows } = await client.query<{ id: string, email: string }>('select id, email from invitations where email is not null')
      await client.query('update invitations set email_key = keyed.email_key from unnest($1::uuid[], $2::text[]) as keyed (id, email_key) where invitations.id = keyed.id', [
        rows.map(({ id }) => id),
        rows.map(({ email }) => emailKey(email)),
      ])
    },
  }
}
