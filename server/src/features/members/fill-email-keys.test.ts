import type { TestWorkspace } from '../../../test/factories.ts'
import type { TestApp } from '../../../test/test-app.ts'
import { eq } from 'drizzle-orm'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkspace } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { emailKey } from '../users/email-key.ts'
import { fillEmailKeys } from './fill-email-keys.ts'
import { invitations } from './members.table.ts'
import { createSeats } from './seats.ts'

let test: TestApp
let workspace: TestWorkspace
beforeAll(async () => {
  test = await createTestApp()
  workspace = await createWorkspace(test)
})
afterAll(() => test.close())

async function invite(email: string): Promise<string> {
  const { status, body } = await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
    token: workspace.owner.token,
    body: { email, role: 'staff' },
  })
  expect(status).toBe(201)
  return body.id
}
const seats = () => createSeats({ clock: test.clock.now, newId: test.deps.newId, mail: test.deps.mail })
const openTo = (email: string) => test.deps.db.transaction(async tx => (await seats().lockInvitationTo(tx, emailKey(email)))?.invitation.id)

/** Where a database's `lower` and `normalize` go other ways than JavaScript's. */
const pairs = [
  ['İstanbul@example.com', 'İSTANBUL@EXAMPLE.COM'],
  ['STRASSE@Straße.example', 'strasse@STRAẞE.example'],
  ['u\u0308ta@example.com', 'ÜTA@example.com'],
  ['Σίσυφος@example.com', 'σίσυφος@example.com'],
] as const

describe('an invitation to an address', () => {
  it.each(pairs)('to %s is the one that %s has, as accounts are compared', async (invited, asked) => {
    const id = await invite(invited)
    expect(emailKey(invited)).toBe(emailKey(asked))
    expect(await openTo(asked)).toBe(id)
    expect(await openTo(`x${asked}`)).toBeUndefined()
  })

  it('of before has the same key once the migration has filled it', async () => {
    const id = await invite('of-before@borealis.example')
    // Such an address is taken no more.
    await test.deps.db.update(invitations).set({ email: 'ﬁle@Borealis.example', emailKey: null }).where(eq(invitations.id, id))
    expect(await openTo('file@borealis.example')).toBeUndefined()
    const client = new pg.Client({ connectionString: test.config.databaseUrl })
    await client.connect()
    try {
      await fillEmailKeys('a').run(client)
    }
    finally {
      await client.end()
    }
    expect(await openTo('file@borealis.example')).toBe(id)
  })
})
