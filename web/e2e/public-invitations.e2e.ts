import type { Browser } from 'playwright-core'
import type { Instance } from './instance.ts'
import type { Stage } from './stage.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible, expectReflow, heading, phone, portray, visit } from './harness.ts'
import { openStage } from './stage.ts'

let stage: Stage
let instance: Instance
let browser: Browser
let api: Stage['api']

beforeAll(async () => {
  stage = await openStage('invitations');
  ({ instance, browser, api } = stage)
})

afterAll(() => stage?.close())

describe('the page of an invitation', () => {
  const invite = async (options: Record<string, unknown>) => new URL((await api<{ url: string }>('POST', `/workspaces/${stage.owner.workspaceId}/invitations`, options)).url).pathname

  it('takes a new person into the workspace, once', async () => {
    const path = await invite({ role: 'staff', spaceRole: 'editor', email: 'dana@northwind.example' })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(path)
    await heading(page).getByText('Join Northwind').waitFor()
    await page.getByText('Robin Keller invites you as staff.').waitFor()
    expect(await page.getByLabel('E-mail').inputValue()).toBe('dana@northwind.example')
    expect(await page.getByLabel('E-mail').getAttribute('readonly')).not.toBeNull()
    await expectAccessible(page, 'invitation')
    await expectReflow(page)
    await portray(page, 'public-invitation')

    await page.getByLabel('Your name').fill('Dana Weiss')
    await page.getByLabel('Choose a password').fill('short')
    await page.getByText('Too short yet').waitFor()
    await page.getByLabel('Choose a password').fill('seven herons over still water')
    await page.getByText('Strong.').waitFor()
    await page.getByRole('button', { name: 'Create account and join' }).click()
    await page.waitForURL(url => url.pathname.startsWith(`/w/${stage.owner.slug}`))
    await page.getByText('Northwind').first().waitFor({ state: 'attached' })
    expect(faults).toEqual([])

    await page.goto(path)
    await heading(page).getByText('This invitation does not work (any more)').waitFor()
    await expectAccessible(page, 'used invitation')
    await portray(page, 'public-invitation-gone')

    // An open invitation, by somebody who is signed in: one button.
    const second = await stage.operator<{ id: string }>('POST', '/workspaces', { name: 'Harbour', slug: 'harbour' })
    const { url } = await stage.operator<{ url: string }>('POST', `/workspaces/${second.id}/invitations`, { role: 'admin' })
    await page.goto(new URL(url).pathname)
    await page.getByText('dana@northwind.example').waitFor()
    await expectAccessible(page, 'invitation, signed in')
    await portray(page, 'public-invitation-signed-in')
    await page.getByRole('button', { name: 'Join Harbour' }).click()
    await page.waitForURL(/\/w\/harbour/)
    expect(faults).toEqual([])
    await context.close()
  })

  it('takes someone who has an account, by its password', async () => {
    const third = await stage.operator<{ id: string }>('POST', '/workspaces', { name: 'Quay', slug: 'quay' })
    const { url } = await stage.operator<{ url: string }>('POST', `/workspaces/${third.id}/invitations`, { role: 'staff' })
    const { context, page, faults } = await visit(browser, instance, { viewport: phone })
    await page.goto(new URL(url).pathname)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByLabel('E-mail').fill('dana@northwind.example')
    await page.getByLabel('Password', { exact: true }).fill('not the right one')
    await page.getByRole('button', { name: 'Sign in and join' }).click()
    await page.getByText('This e-mail and password do not go together.').waitFor()
    await expectAccessible(page, 'invitation, refused')
    await page.getByLabel('Password', { exact: true }).fill('seven herons over still water')
    await page.getByRole('button', { name: 'Sign in and join' }).click()
    await page.waitForURL(/\/w\/quay/)
    expect(faults).toEqual([])
    await context.close()
  })

  it('says one and the same for invitations that do not work', async () => {
    const { context, page, faults } = await visit(browser, instance)
    const texts: (string | null)[] = []
    for (const token of [
      'nothing',
      'A'.repeat(43),
      'x'.repeat(900),
    ]) {
      await page.goto(`/invite/${token}`)
      await heading(page).getByText('This invitation does not work (any more)').waitFor()
      await page.getByText('Northwind files').waitFor()
      texts.push(await page.locator('#main').textContent())
    }
    expect(new Set(texts).size).toBe(1)
    expect(faults).toEqual([])
    await context.close()
  })
})
