import type { CDPSession, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Account } from './instance.ts'
import type { Stage } from './stage.ts'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { enter, expectAccessible, expectGood, expectNoOverflow, phone, portray, stepUpDialog, visit } from './harness.ts'
import { apiOf, makeAccount } from './instance.ts'
import { openStage } from './stage.ts'

let stage: Stage
let person: Account
let visitor: Visit
let page: Page

beforeAll(async () => {
  stage = await openStage('passkeys')
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

/** A phone or laptop with its own passkeys, as Chromium plays it; it recognises its holder until it is told not to. */
async function addAuthenticator(): Promise<{ client: CDPSession, recognises: (isUserVerified: boolean) => Promise<unknown> }> {
  const client = await visitor.context.newCDPSession(page)
  await client.send('WebAuthn.enable')
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    client,
    recognises: isUserVerified => client.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  }
}

async function changeSessions(change: string): Promise<void> {
  const database = new pg.Client(stage.instance.databaseUrl)
  await database.connect()
  try {
    await database.query(`update sessions set ${change} where user_id = (select id from users where email = $1)`, [person.email])
  }
  finally {
    await database.end()
  }
}

/** As if the sign-in were more than five minutes ago. */
const age = () => changeSessions('stepped_up_at = null')

const signedIn = () => page.waitForURL(url => url.pathname !== '/login')
const factor = () => page.getByRole('region', { name: 'Second factor' })

it('a passkey is added, named, signs in alone and as the second step, confirms a dangerous act, and is removed', async () => {
  const authenticator = await addAuthenticator()
  await enter(page, person, '/account')
  await page.removeLocatorHandler(stepUpDialog(page))
  await factor().getByRole('button', { name: 'Add a passkey' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a passkey' })
  await expectAccessible(page, 'adding a passkey')
  await dialog.getByLabel('Name').fill('My laptop')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await factor().getByText('Passkey “My laptop”').waitFor()
  // The same device has one already.
  await factor().getByRole('button', { name: 'Add a passkey' }).click()
  await dialog.getByRole('button', { name: 'Go on' }).click()
  await dialog.getByText('This second factor is set up already').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await factor().getByRole('button', { name: 'Rename the passkey “My laptop”' }).click()
  await page.getByLabel('Name', { exact: true }).last().fill('The blue laptop')
  await page.keyboard.press('Enter')
  await factor().getByText('Passkey “The blue laptop”').waitFor()
  await page.setViewportSize(phone)
  await expectNoOverflow(page, 'an account with a passkey on a phone')
  await expectGood(page, 'account with a passkey')
  await portray(page, 'account-passkey')

  await visitor.context.clearCookies()
  await page.goto('/login')
  const button = page.getByRole('button', { name: 'Sign in with a passkey' })
  await expectAccessible(page, 'the sign-in page with passkeys')
  await portray(page, 'login-passkey')
  // Without being recognised nobody comes in by it alone.
  await authenticator.recognises(false)
  await button.click()
  await page.getByText('That did not work with the passkey').waitFor()
  await authenticator.recognises(true)
  await button.click()
  await signedIn()

  await age()
  await page.goto('/account')
  await factor().getByRole('button', { name: 'Make new ones' }).click()
  await page.getByRole('dialog', { name: 'New recovery codes' }).getByRole('button', { name: 'Make new ones' }).click()
  await expectAccessible(page, 'a step-up by a passkey')
  await portray(page, 'step-up-passkey')
  await stepUpDialog(page).getByRole('button', { name: 'Confirm' }).click()
  await page.getByRole('button', { name: 'I have kept them' }).click()

  await visitor.context.clearCookies()
  await page.goto('/login')
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByText('Your browser asks for the passkey next').waitFor()
  await expectAccessible(page, 'the second step by a passkey')
  await portray(page, 'second-step-passkey')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await signedIn()

  await page.goto('/account')
  await factor().getByText('last used').waitFor()
  await factor().getByRole('button', { name: 'Remove the passkey “The blue laptop”?' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect.poll(() => factor().getByText('Passkey “').count()).toBe(0)
  await factor().getByText('Off', { exact: true }).waitFor()
})

it('where a session ended and somebody else comes in, nothing that waited is done in their name', async () => {
  await addAuthenticator()
  const other = await makeAccount(stage.instance, stage.operator, 'passkeys-other')
  await enter(page, other, '/account')
  await factor().getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByRole('dialog', { name: 'Add a passkey' }).getByLabel('Name').fill('Their laptop')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await visitor.context.clearCookies()

  await enter(page, person, '/account')
  await page.getByLabel('Name').fill('Robin M. Keller')
  const save = await page.getByRole('button', { name: 'Save' }).elementHandle()
  await changeSessions(`expires_at = now() - interval '1 hour'`)
  // The page may know by itself before: the dialog lies over the button then.
  await save!.dispatchEvent('click')
  await page.getByRole('dialog', { name: 'Your session has ended' }).getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByText(other.email).first().waitFor()
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe(other.name)
  // The one who came in sees their own; the other one's is as it was, too.
  expect((await apiOf(stage.instance, { ...person })<{ name: string }>('GET', '/me')).name).toBe(person.name)
})
