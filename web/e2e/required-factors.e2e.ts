import type { Stage } from './stage.ts'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { enter, expectAccessible, expectGood, expectNoOverflow, heading, phone, portray, visit } from './harness.ts'
import { callApi } from './instance.ts'
import { openOwnStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  // What operators are asked for is the whole instance's.
  stage = await openOwnStage()
})
afterAll(() => stage?.close())

async function inDatabase(statement: string, ...values: string[]): Promise<void> {
  const database = new pg.Client(stage.instance.databaseUrl)
  await database.connect()
  try {
    await database.query(statement, values)
  }
  finally {
    await database.end()
  }
}

/** A passkey, as if it had been added earlier. */
const giveFactor = (email: string) => inDatabase(`insert into passkeys (id, user_id, credential_id, public_key, counter, transports, name, is_backed_up, created_at)
  select gen_random_uuid(), id, email, '', 0, '{}', 'Key', false, now() from users where email = $1`, email)

it('a second factor is asked of everybody: told before, needed at the end, set up on the page that leads there, and then one goes on', async () => {
  const { instance, browser, owner, api } = stage
  const colleague = { name: 'Kim Staff', email: 'kim@northwind.example', password: 'seven quiet geese at dawn' }
  const { url } = await api<{ url: string }>('POST', `/workspaces/${owner.workspaceId}/invitations`, { role: 'staff', spaceRole: 'editor' })
  await callApi(instance, 'POST', `/public/invitations/${new URL(url).pathname.split('/').at(-1)}/accept`, colleague)

  const { context, page, faults } = await visit(browser, instance)
  await enter(page, owner, `/w/${owner.slug}/members`)
  const rule = page.getByRole('region', { name: 'Second factor' })
  await rule.getByLabel('Asked of').click()
  await page.getByRole('option', { name: 'Everybody but clients' }).click()
  // Who has none would shut themselves out.
  await rule.getByText('Set up your own first').waitFor()
  expect(await rule.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
  await giveFactor(owner.email)
  // However long this takes, nobody is asked again who they are: that is another test's.
  await inDatabase(`update sessions set stepped_up_at = now() + interval '1 day'`)
  await page.reload()
  await rule.getByLabel('Asked of').click()
  await page.getByRole('option', { name: 'Everybody but clients' }).click()
  await rule.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved', { exact: true }).first().waitFor()
  await expectGood(page, 'members with a second factor')
  await portray(page, 'members-factor')
  expect(await page.getByRole('row', { name: owner.name }).getByText('Second factor').count()).toBe(1)
  expect(await page.getByRole('row', { name: colleague.name }).getByText('Second factor').count()).toBe(0)
  await page.goto('/admin/settings')
  await page.getByRole('checkbox', { name: 'Operators need a second factor' }).click()
  await expect.poll(async () => (await api<{ operatorsNeedFactor: boolean }>('GET', '/admin/instance')).operatorsNeedFactor).toBe(true)
  await context.close()

  const other = await visit(browser, instance)
  await enter(other.page, colleague, `/w/${owner.slug}/files`)
  const banner = other.page.getByRole('region', { name: 'Second factor' })
  await banner.getByText('Northwind asks you for a second factor.').waitFor()
  await other.page.setViewportSize(phone)
  await expectNoOverflow(other.page, 'told of a second factor on a phone')
  await expectAccessible(other.page, 'told of a second factor')
  await portray(other.page, 'factor-banner')
  await inDatabase(`update workspaces set second_factor_since = now() - interval '8 days'`)
  await inDatabase(`update members set created_at = now() - interval '8 days'`)
  await other.page.goto(`/w/${owner.slug}/links`)
  await other.page.waitForURL(/\/account\/second-factor\?next=/)
  await other.page.getByText('Northwind asks you for a second factor').waitFor()
  await expectGood(other.page, 'a second factor is needed')
  await portray(other.page, 'factor-needed')
  await giveFactor(colleague.email)
  await other.page.reload()
  await other.page.getByRole('link', { name: 'Go on' }).click()
  await other.page.waitForURL(`**/w/${owner.slug}/links`)
  await heading(other.page).waitFor()

  await inDatabase(`update workspaces set second_factor_roles = '{}', second_factor_since = null`)
  await inDatabase(`delete from passkeys where name = 'Key' and user_id = (select id from users where email = $1)`, colleague.email)
  await inDatabase(`update users set is_operator = true where email = $1`, colleague.email)
  await other.page.reload()
  await banner.getByText('This server asks operators for a second factor.').waitFor()
  await expectNoOverflow(other.page, 'an operator, told of a second factor')
  await portray(other.page, 'factor-banner-operators')
  await other.context.close()
  expect([
    ...faults,
    ...other.faults,
  ]).toEqual([])
})
