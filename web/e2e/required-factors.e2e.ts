import type { TestSmtp } from '../../server/test/smtp-server.ts'
import type { Stage } from './stage.ts'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startSmtp } from '../../server/test/smtp-server.ts'
import { enter, expectAccessible, expectGood, expectNoOverflow, heading, phone, portray, visit } from './harness.ts'
import { callApi } from './instance.ts'
import { openOwnStage } from './stage.ts'

let smtp: TestSmtp
let stage: Stage
beforeAll(async () => {
  smtp = await startSmtp({ encryption: 'none' })
  // What operators are asked for is the whole instance's.
  stage = await openOwnStage({ SMTP_URL: smtp.url, SMTP_ALLOW_PLAIN: 'true', MAIL_FROM: 'files@northwind.example' })
})
afterAll(async () => {
  await stage?.close()
  await smtp?.close()
})

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
  const notice = await api<{ id: string }>('POST', '/admin/announcements', {
    kind: 'service',
    audience: { to: 'everyone' },
    texts: {
      en: { subject: 'Maintenance on Sunday', markdown: 'From eight to nine.' },
    },
    bannerDays: 1,
  })
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
  // To where one is set up, and from there back to the rule.
  await rule.getByRole('link', { name: 'Set up a second factor' }).click()
  await page.waitForURL(/\/account\/second-factor\?next=/)
  await page.getByText('Set up your own first').waitFor()
  await giveFactor(owner.email)
  // However long this takes, nobody is asked again who they are: that is another test's.
  await inDatabase(`update sessions set stepped_up_at = now() + interval '1 day'`)
  await page.reload()
  await page.getByRole('link', { name: 'Go on' }).click()
  await page.waitForURL(`**/w/${owner.slug}/members`)
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

  await api('POST', `/admin/announcements/${notice.id}/start`)
  await expect.poll(async () => (await api<{ state: string }>('GET', `/admin/announcements/${notice.id}`)).state).toBe('sent')
  const other = await visit(browser, instance)
  await enter(other.page, colleague, `/w/${owner.slug}/files`)
  const banner = other.page.getByRole('region', { name: 'Second factor' })
  await banner.getByText('Northwind asks you for a second factor.').waitFor()
  // A phone has room for one bar: the other comes when this one is put away.
  const announced = other.page.getByRole('region', { name: 'Announcement' })
  await announced.getByText('Maintenance on Sunday').waitFor()
  await other.page.setViewportSize(phone)
  await banner.waitFor({ state: 'hidden' })
  await portray(other.page, 'factor-banner-announced')
  await announced.getByRole('button', { name: 'Put the announcement away' }).click()
  await banner.waitFor()
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

it('a client’s contact who is asked for one ends the sign-in with a code from a mail; there is nothing for them to make tokens for', async () => {
  const { instance, browser, owner, api } = stage
  const contact = { name: 'Cleo Client', email: 'cleo@harbour.example', password: 'seven quiet geese at dawn' }
  const { url } = await api<{ url: string }>('POST', `/workspaces/${owner.workspaceId}/invitations`, { role: 'staff', spaceRole: 'editor' })
  await callApi(instance, 'POST', `/public/invitations/${new URL(url).pathname.split('/').at(-1)}/accept`, contact)
  // Of before contacts came in without a password, and with an address that is proved.
  await inDatabase(`update members set role = 'client' where user_id = (select id from users where email = $1)`, contact.email)
  await inDatabase('update users set email_verified_at = now() where email = $1', contact.email)
  await inDatabase(`update workspaces set second_factor_roles = '{client}', second_factor_since = now() - interval '1 day', second_factor_grace_days = 0`)
  const mailedCodes = () => smtp.mails.filter(({ to }) => to[0] === contact.email).flatMap(({ text }) => /Your code: (\d{6})/.exec(text)?.slice(1) ?? [])

  const { context, page, faults } = await visit(browser, instance, { viewport: phone })
  const code = page.getByLabel('Code from the mail')
  await page.goto('/login')
  await page.getByLabel('E-mail').fill(contact.email)
  await page.getByLabel('Password', { exact: true }).fill(contact.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await code.waitFor()
  await expect.poll(mailedCodes).toHaveLength(1)
  const [right] = mailedCodes()
  await expectAccessible(page, 'a second factor by mail')
  await portray(page, 'factor-by-mail')
  await code.fill(String((Number(right) + 1) % 1_000_000).padStart(6, '0'))
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByText('This code is not right.').waitFor()
  expect(await code.inputValue()).toBe('')
  await expectNoOverflow(page, 'a wrong code from a mail')
  await portray(page, 'factor-by-mail-wrong')
  await code.fill(right!)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'You are in' }).waitFor()
  await page.getByRole('list', { name: 'You are a contact of' }).getByText('Northwind').waitFor()
  await expectGood(page, 'a client’s home')
  await portray(page, 'client-home')

  await page.goto('/account')
  await page.getByRole('region', { name: 'Where you are signed in' }).waitFor()
  expect(await page.getByRole('region', { name: 'Access tokens' }).count()).toBe(0)
  await page.goto('/account/tokens')
  await page.getByText('Tokens are for those who work in a workspace here').waitFor()
  expect(await page.getByRole('button', { name: 'New token' }).count()).toBe(0)
  await portray(page, 'tokens-of-a-client')
  await context.close()
  expect(faults).toEqual([])
})
