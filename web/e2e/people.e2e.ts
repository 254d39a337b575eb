import type { Browser, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Instance, Person } from './instance.ts'
import type { Stage } from './stage.ts'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { soakIt } from '../../server/test/soak.ts'
import { enter, expectAccessible, expectGood, portray, screenshot, signIn, visit } from './harness.ts'
import { openStage } from './stage.ts'

let stage: Stage
let instance: Instance
let browser: Browser
let person: Person
const { operator } = inject('shared')
const visits: Visit[] = []

beforeAll(async () => {
  stage = await openStage('people')
  ;({ instance, browser, owner: person } = stage)
})

afterAll(() => stage?.close())

afterEach(async () => {
  for (const { context, faults } of visits.splice(0)) {
    await context.close()
    expect(faults).toEqual([])
  }
})

async function open(): Promise<Page> {
  const other = await visit(browser, instance)
  visits.push(other)
  return other.page
}

const rowOf = (page: Page, { email }: Person) => page.getByRole('listitem').filter({ hasText: email })
async function act(page: Page, whom: Person, action: string): Promise<void> {
  await rowOf(page, whom).getByRole('button', { name: `Actions for ${whom.name}` }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

describe('people', () => {
  it('let a program in by a token, which is shown once, does what was chosen, is seen in use, and ends', async () => {
    const page = await open()
    await enter(page, person, '/account')
    await page.getByRole('link', { name: 'Manage access tokens' }).click()
    await page.getByText('No access tokens').waitFor()
    await expectGood(page, 'tokens-none')
    await page.getByRole('button', { name: 'New token' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Nightly report')
    await dialog.getByRole('checkbox', { name: 'Links' }).click()
    await expectAccessible(page, 'a new access token')
    await portray(page, 'token-new')
    await dialog.getByRole('button', { name: 'Create token' }).click()
    const token = await dialog.getByRole('textbox', { name: 'Access token' }).inputValue()
    expect(token).toMatch(/^cs_pat_\w{49}$/)
    await dialog.getByRole('button', { name: 'Copy' }).click()
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(token)
    await expectAccessible(page, 'an access token that was made')
    await portray(page, 'token-made')
    await dialog.getByRole('button', { name: 'Done' }).click()
    const row = page.getByRole('list', { name: 'Access tokens' }).getByRole('listitem')
    await row.getByText('not used yet').waitFor()

    const call = (method: string, path: string) => fetch(`${instance.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    }).then(({ status }) => status)
    expect(await call('GET', `/workspaces/${stage.owner.workspaceId}/links`)).toBe(200)
    expect(await call('GET', '/me')).toBe(403)
    await page.reload()
    await row.getByText(/last used .*from 127\.0\.0\.1/).waitFor()
    await expectGood(page, 'tokens')
    await portray(page, 'tokens')
    await row.getByRole('button', { name: 'End “Nightly report”' }).click()
    await dialog.getByRole('button', { name: 'End token' }).click()
    await page.getByText('No access tokens').waitFor()
    expect(await call('GET', `/workspaces/${stage.owner.workspaceId}/links`)).toBe(401)
  })

  soakIt('get another address by a link that an operator hands them, where no mail is sent', async () => {
    const page = await open()
    await enter(page, person, '/account')
    const section = page.getByRole('region', { name: 'E-mail address' })
    await section.getByRole('button', { name: 'Change address' }).click()
    await section.getByLabel('New address').fill(`new-${person.email}`)
    await section.getByLabel('Current password').fill('not this one')
    await section.getByRole('button', { name: 'Ask for the change' }).click()
    await section.getByText('This is not your password').waitFor()
    await expectGood(page, 'email-change')
    await section.getByLabel('Current password').fill(person.password)
    await section.getByRole('button', { name: 'Ask for the change' }).click()
    await section.getByText('An operator passes the link on').waitFor()

    const admin = await open()
    await enter(admin, operator, `/admin/people?q=${encodeURIComponent(person.email)}`)
    await rowOf(admin, person).getByText(`Wants the address new-${person.email}`).waitFor()
    await expectGood(admin, 'people-pending-email')
    await act(admin, person, `Link to confirm new-${person.email}`)
    const dialog = admin.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Make link' }).click()
    const link = await dialog.getByRole('textbox', { name: 'Link to the new address' }).inputValue()
    await expectAccessible(admin, 'the link to a new address')

    await page.goto(link)
    await page.getByText(`is then reached by new-${person.email} instead of ${person.email}`).waitFor()
    await expect.poll(() => page.url()).toBe(`${instance.url}/confirm-email`)
    await expectGood(page, 'email-confirm')
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor()
    await page.getByRole('link', { name: 'To your account' }).click()
    await section.getByText(`new-${person.email}`).waitFor()
    person = { ...person, email: `new-${person.email}` }
  })

  it('who forgot their password get a link from an operator, set one, and change it; see where they are signed in; and are disabled', async () => {
    const forgetful = await open()
    await forgetful.goto(`${instance.url}/login`)
    await forgetful.getByRole('link', { name: 'Forgot your password?' }).click()
    await forgetful.getByRole('heading', { name: 'A new password' }).waitFor()
    await expectGood(forgetful, 'forgot-password')

    const admin = await open()
    await signIn(admin, operator, '/admin/people')
    await rowOf(admin, operator).waitFor()
    await admin.getByRole('searchbox', { name: 'Search people' }).fill(person.email)
    await rowOf(admin, person).waitFor()
    await expect.poll(() => rowOf(admin, operator).count()).toBe(0)
    await expectGood(admin, 'people')
    await act(admin, person, 'Link to a new password')
    const dialog = admin.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Make link' }).click()
    const link = await dialog.getByRole('textbox', { name: 'Link to a new password' }).inputValue()
    expect(link).toMatch(/\/password-reset#token=[\w-]{43}$/)
    await expectAccessible(admin, 'the link to a new password')
    await screenshot(admin, 'reset-link')
    await dialog.getByRole('button', { name: 'Done' }).click()
    await dialog.waitFor({ state: 'detached' })

    await forgetful.goto(link)
    await forgetful.getByText(`For ${person.email}`).waitFor()
    await expect.poll(() => forgetful.url()).toBe(`${instance.url}/password-reset`)
    const chosen = { ...person, password: 'seven lamps along the pier' }
    await forgetful.getByLabel('New password').fill('password1234')
    await forgetful.getByRole('button', { name: 'Set password' }).click()
    await forgetful.getByText('Choose another password').waitFor()
    await expectGood(forgetful, 'password-reset')
    await forgetful.getByLabel('New password').fill(chosen.password)
    await forgetful.getByRole('button', { name: 'Set password' }).click()
    await forgetful.getByRole('heading', { name: 'Sign in' }).waitFor()

    const second = await open()
    await signIn(second, chosen, '/account')
    await signIn(forgetful, chosen, '/account')
    await forgetful.goto(link)
    await forgetful.getByText('This link counts no longer').waitFor()
    await forgetful.goto(`${instance.url}/account`)
    const sessions = forgetful.getByRole('region', { name: 'Where you are signed in' })
    await expect.poll(() => sessions.getByRole('listitem').count()).toBe(2)
    await expectGood(forgetful, 'account')
    await sessions.getByRole('button', { name: /^Sign out / }).click()
    await expect.poll(() => sessions.getByRole('listitem').count()).toBe(1)
    await second.reload()
    await second.getByRole('heading', { name: 'Sign in' }).waitFor()

    const password = forgetful.getByRole('region', { name: 'Password' })
    await password.getByRole('button', { name: 'Change password' }).click()
    await password.getByLabel('Current password').fill(person.password)
    await password.getByLabel('New password').fill('nine gulls over the lock')
    await password.getByRole('button', { name: 'Change password' }).click()
    await password.getByText('This is not your password').waitFor()
    await password.getByLabel('Current password').fill(chosen.password)
    await password.getByRole('button', { name: 'Change password' }).click()
    await forgetful.getByText('Your password is changed. You are signed out everywhere else.', { exact: true }).waitFor()

    await act(admin, person, 'Disable account')
    await admin.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
    await rowOf(admin, person).getByText('Disabled').waitFor()
    await forgetful.reload()
    await forgetful.getByRole('heading', { name: 'Sign in' }).waitFor()
    await act(admin, person, 'Enable account')
    await expect.poll(() => rowOf(admin, person).getByText('Disabled').count()).toBe(0)
  })
})
