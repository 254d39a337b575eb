import { Buffer } from 'node:buffer'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isSoak } from '../../server/test/soak.ts'
import { enter, expectAccessible, expectGood, heading, phone, portray, visit } from './harness.ts'
import { callApi } from './instance.ts'
import { openStage } from './stage.ts'

let stage: Awaited<ReturnType<typeof openStage>>
beforeAll(async () => { stage = await openStage('own-policies') })
afterAll(() => stage?.close())

const text = '# Our rules\n\nKeep what you were given **to yourself**.\n\n<script>alert(1)</script> is text, and [this](javascript:alert(1)) is no link.'

it('a workspace’s own policy is written, published, read by its staff, and stands on its links with its name', async () => {
  const { browser, instance, owner, api } = stage
  const path = `/w/${owner.slug}/members/policies`
  const fileId = await stage.upload(stage.rootId, 'Offer.pdf', Buffer.from('the offer'))
  const link = await stage.share({
    itemIds: [fileId],
  })

  const writer = await visit(browser, instance)
  const { page } = writer
  await enter(page, owner, `/w/${owner.slug}/members`)
  await page.getByRole('link', { name: 'Policies of this workspace' }).click()
  await page.getByText('This workspace has no policies of its own').waitFor()
  await page.getByRole('button', { name: 'New policy' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(`/policies/w/${owner.slug}/terms`).waitFor()
  await expectAccessible(page, 'the new policy of a workspace')
  await portray(page, 'own-policy-new')
  await dialog.getByLabel('Title').fill('Our terms')
  await dialog.getByRole('button', { name: 'Create draft' }).click()
  await page.waitForURL(url => url.pathname.startsWith(`${path}/`))
  const area = page.getByRole('textbox', { name: 'Text in Markdown' })
  await area.fill(text)
  await page.getByRole('region', { name: 'Preview' }).getByRole('heading', { name: 'Our rules' }).waitFor()
  await page.getByText('Draft saved').waitFor()
  // What is the deployment's alone.
  expect(await page.getByRole('combobox', { name: 'Insert a fact' }).count()).toBe(0)
  expect(await page.getByRole('button', { name: 'Agreement' }).count()).toBe(0)
  await expectGood(page, 'own-policy-editor')
  await portray(page, 'own-policy-editor')
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
  await page.getByText(/v1 in effect since/).waitFor()
  await page.getByRole('navigation', { name: 'Where you are' }).getByRole('link', { name: 'Policies' }).click()
  await page.getByRole('link', { name: 'Our terms' }).waitFor()
  await expectGood(page, 'own-policies')
  await portray(page, 'own-policies')
  await page.goto(`/w/${owner.slug}/activity`)
  await page.getByRole('link', { name: 'Our terms' }).first().click()
  await page.waitForURL(url => url.pathname.startsWith(`${path}/`))

  // Staff read it.
  const mika = { name: 'Mika Aalto', email: 'mika-own@northwind.example', password: 'five grey herons at dawn' }
  const { url } = await api<{ url: string }>('POST', `/workspaces/${owner.workspaceId}/invitations`, { role: 'staff', spaceRole: null })
  await callApi(instance, 'POST', `/public/invitations/${url.split('/').at(-1)}/accept`, mika)
  const staff = await visit(browser, instance)
  await enter(staff.page, mika, path)
  await staff.page.getByRole('link', { name: 'Our terms' }).click()
  await expect.poll(() => staff.page.getByRole('textbox', { name: 'Text in Markdown' }).getAttribute('readonly')).not.toBeNull()
  expect(await staff.page.getByRole('button', { name: 'Publish', exact: true }).count()).toBe(0)
  await portray(staff.page, 'own-policy-staff')

  // Whoever opens a link of the workspace finds it below, beside those of the deployment.
  for (const locale of isSoak
    ? ['en', 'de']
    : ['en']) {
    const reader = await visit(browser, instance, { viewport: phone, locale })
    await reader.page.goto(link)
    const own = reader.page.getByRole('contentinfo').getByRole('link', { name: 'Our terms' })
    await own.waitFor()
    await expectAccessible(reader.page, 'a link with policies of its workspace')
    await portray(reader.page, `own-policy-link-${locale}`)
    await own.click()
    await reader.page.waitForURL(`${instance.url}/policies/w/${owner.slug}/terms`)
    await expect.poll(() => heading(reader.page).textContent()).toContain('Our terms')
    await reader.page.getByText('<script>alert(1)</script> is text, and [this](javascript:alert(1)) is no link.').waitFor()
    expect(await reader.page.locator('article script, article a[href^="javascript"]').count()).toBe(0)
    const name = (await api<{ name: string }>('GET', `/workspaces/${owner.workspaceId}`)).name
    await reader.page.getByRole('banner').getByText(name).waitFor()
    await expectAccessible(reader.page, 'a policy of a workspace')
    await portray(reader.page, `own-policy-page-${locale}`)
    await reader.context.close()
    expect(reader.faults).toEqual([])
  }
  for (const { context, faults } of [writer, staff]) {
    await context.close()
    expect(faults).toEqual([])
  }
})
