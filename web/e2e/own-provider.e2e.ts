import type { Stage } from './stage.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isSoak } from '../../server/test/soak.ts'
import { enter, expectAccessible, expectGood, portray, visit } from './harness.ts'
import { openStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage('own-provider')
})
afterAll(() => stage?.close())

it('a workspace sets up a provider of its own, whose button stands on the sign-in page for whoever came by its address', async () => {
  const { instance, browser, owner, api } = stage
  const { context, page, faults } = await visit(browser, instance)
  await enter(page, owner, `/w/${owner.slug}/members`)
  await page.getByRole('region', { name: 'Sign-in' }).getByRole('link', { name: 'Providers' }).click()
  await page.getByText('No providers yet').waitFor()
  await page.getByRole('button', { name: 'Add provider' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill('Northwind ID')
  await dialog.getByText(/\/api\/v1\/auth\/oidc\/[\da-f-]{36}\/callback$/).waitFor()
  await dialog.getByLabel('Issuer').fill('https://127.0.0.1:1')
  await dialog.getByRole('button', { name: 'Look it up' }).click()
  // Nothing in this server's own network, which is the operators'.
  await dialog.getByRole('alert').waitFor()
  await dialog.getByLabel('Issuer').fill('https://id.northwind.example')
  await dialog.getByLabel('Client ID').fill('clientshare')
  await dialog.getByLabel('Domains that it vouches for').fill('northwind.example')
  await dialog.getByRole('switch', { name: 'Newcomers join this workspace' }).click()
  await expectAccessible(page, 'a new provider of a workspace')
  await portray(page, 'own-provider-new')
  await dialog.getByRole('button', { name: 'Add provider' }).click()
  const address = await page.getByText(/\/login\?with=[\da-f-]{36}$/).textContent()
  await expectGood(page, 'a workspace’s providers')
  await portray(page, 'own-providers')
  await page.getByRole('button', { name: 'Change: Northwind ID' }).click()
  expect(await dialog.getByLabel('Issuer').isDisabled()).toBe(true)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  if (isSoak) {
    await api('PATCH', '/me', { locale: 'de' })
    await page.reload()
    await page.getByRole('button', { name: 'Ausprobieren: Northwind ID' }).waitFor()
    await portray(page, 'own-providers-de')
    await page.getByRole('button', { name: 'Anbieter hinzufügen' }).click()
    await portray(page, 'own-provider-new-de')
    await page.goto(`/w/${owner.slug}/members`)
    await page.getByRole('region', { name: 'Anmeldung' }).waitFor()
    await portray(page, 'members-sign-in-de')
  }
  await context.close()

  const other = await visit(browser, instance)
  const button = other.page.getByRole('button', { name: 'Sign in with Northwind ID' })
  await other.page.goto('/login')
  await other.page.getByLabel('E-mail').waitFor()
  expect(await button.count()).toBe(0)
  await other.page.goto(new URL(address!).pathname + new URL(address!).search)
  await button.waitFor()
  await expectGood(other.page, 'sign-in by a workspace’s provider')
  // In this browser it is known from now on.
  await other.page.goto('/login')
  await button.waitFor()
  // It is nowhere, which the page says.
  await button.click()
  await other.page.getByRole('alert').waitFor()
  await other.context.close()
  expect([
    ...faults,
    ...other.faults,
  ]).toEqual([])
})
