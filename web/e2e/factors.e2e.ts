import type { Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Account } from './instance.ts'
import type { Stage } from './stage.ts'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { codeOf } from '../../server/test/totp-code.ts'
import { enter, expectAccessible, expectGood, expectNoOverflow, phone, portray, stepUpDialog, visit } from './harness.ts'
import { callApi, makeAccount } from './instance.ts'
import { openStage } from './stage.ts'

let stage: Stage
let person: Account
let visitor: Visit
let page: Page
let secret = ''

beforeAll(async () => {
  stage = await openStage('factors')
  person = stage.owner
})
afterAll(() => stage?.close())

beforeEach(async () => {
  visitor = await visit(stage.browser, stage.instance)
  page = visitor.page
})
afterEach(async () => {
  await visitor.context.close()
  expect(visitor.faults).toEqual([])
})

/** As if the sign-in were more than five minutes ago. */
async function age(email: string): Promise<void> {
  const database = new pg.Client(stage.instance.databaseUrl)
  await database.connect()
  try {
    await database.query('update sessions set stepped_up_at = null where user_id = (select id from users where email = $1)', [email])
  }
  finally {
    await database.end()
  }
}

async function signInWithPassword(password = person.password): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}
/** The next that the app shows: none is taken twice. */
const nextCode = () => codeOf(secret, new Date(), 1)
const factor = () => page.getByRole('region', { name: 'Second factor' })
const codeField = () => page.getByLabel('Code from your authenticator app')

it('an authenticator app is set up after showing who it is, then asked for at each sign-in, and a recovery code stands in for it, when joining too', async () => {
  await enter(page, person, '/account')
  await page.removeLocatorHandler(stepUpDialog(page))
  await age(person.email)
  await factor().getByRole('button', { name: 'Set up an authenticator app' }).click()
  await stepUpDialog(page).getByLabel('Password', { exact: true }).fill('not my password')
  await expectAccessible(page, 'a step-up')
  await portray(page, 'step-up')
  await stepUpDialog(page).getByRole('button', { name: 'Confirm' }).click()
  await stepUpDialog(page).getByText('This is not your password').waitFor()
  await stepUpDialog(page).getByLabel('Password', { exact: true }).fill(person.password)
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Set up an authenticator app' })
  secret = (await dialog.locator('code').textContent())!.replaceAll(' ', '')
  await expectAccessible(page, 'setting up an authenticator app')
  await portray(page, 'totp')
  await dialog.getByLabel('Code that the app shows now').fill('000000')
  await dialog.getByRole('button', { name: 'Turn on' }).click()
  await dialog.getByText('It may be used already').waitFor()
  await dialog.getByLabel('Code that the app shows now').fill(codeOf(secret, new Date()))
  await page.keyboard.press('Enter')
  const codes = page.getByRole('dialog', { name: 'Recovery codes' })
  const list = codes.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
  await expect.poll(() => list.count()).toBe(10)
  const recovery = await list.allTextContents()
  await expectAccessible(page, 'recovery codes')
  await portray(page, 'recovery-codes')
  await codes.getByRole('button', { name: 'I have kept them' }).click()
  await factor().getByText('10 of 10 left').waitFor()
  await expectGood(page, 'account with a second factor')
  await portray(page, 'account-factor')

  await visitor.context.clearCookies()
  await signInWithPassword()
  await expect.poll(() => codeField().evaluate(field => field === document.activeElement)).toBe(true)
  expect(await codeField().getAttribute('autocomplete')).toBe('one-time-code')
  await codeField().fill('123 456')
  await page.keyboard.press('Enter')
  await page.getByText('It may be used already').waitFor()
  await page.setViewportSize(phone)
  await expectNoOverflow(page, 'the second step on a phone')
  await expectAccessible(page, 'the second step')
  await portray(page, 'second-step')
  const code = nextCode()
  await page.evaluate(text => navigator.clipboard.writeText(text), `${code.slice(0, 3)} ${code.slice(3)}`)
  await codeField().focus()
  await page.keyboard.press('ControlOrMeta+v')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(url => url.pathname !== '/login')

  await visitor.context.clearCookies()
  await signInWithPassword()
  await page.getByRole('button', { name: 'Use a recovery code' }).click()
  await page.getByLabel('Recovery code').fill(recovery[3]!.trim().toUpperCase())
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(url => url.pathname !== '/login')
  await page.goto('/account')
  await factor().getByText('9 of 10 left').waitFor()

  await visitor.context.clearCookies()
  const { instance, operator } = stage
  const other = await makeAccount(instance, operator, 'factors-other')
  const { accessToken } = await callApi<{ accessToken: string }>(instance, 'POST', '/auth/login', { email: other.email, password: other.password })
  const { url } = await callApi<{ url: string }>(instance, 'POST', `/workspaces/${other.workspaceId}/invitations`, { role: 'staff', email: person.email }, accessToken)
  await page.goto(new URL(url).pathname)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in and join' }).click()
  await page.getByRole('button', { name: 'Use a recovery code' }).click()
  await page.getByLabel('Recovery code').fill(recovery[4]!.trim())
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(url => url.pathname.startsWith('/w/factors-other'))
})
