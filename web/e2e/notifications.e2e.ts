import type { Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Stage } from './stage.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { soakIt } from '../../server/test/soak.ts'
import { enter, expectAccessible, expectGood, portray, screenshot, visit } from './harness.ts'
import { apiOf, callApi } from './instance.ts'
import { openStage } from './stage.ts'

let stage: Stage
let visitor: Visit
let page: Page

beforeAll(async () => {
  stage = await openStage('notifications')
  visitor = await visit(stage.browser, stage.instance)
  page = visitor.page
})
afterAll(async () => {
  await visitor?.context.close()
  expect(visitor?.faults).toEqual([])
  await stage?.close()
})

/** A colleague who uploads. */
async function colleague() {
  const person = { name: 'Mika Lindt', email: 'mika@notifications.example', password: 'five grey herons at dawn' }
  const { url } = await stage.api<{ url: string }>('POST', `/workspaces/${stage.owner.workspaceId}/invitations`, { role: 'staff', spaceRole: 'editor' })
  await callApi(stage.instance, 'POST', `/public/invitations/${url.split('/').at(-1)}/accept`, person)
  const api = apiOf(stage.instance, person)
  return (parentId: string, name: string, onConflict = 'fail') => {
    const form = new FormData()
    form.append('file', new Blob(['x']), name)
    return api('POST', `/workspaces/${stage.owner.workspaceId}/files?${new URLSearchParams({ parentId, name, onConflict })}`, form)
  }
}

it('a file uploaded in one place rings the bell in another, leads there, and can be muted', async () => {
  const contracts = await stage.makeFolder(stage.rootId, 'Contracts')
  await enter(page, stage.owner, `/w/${stage.owner.slug}/links`)
  const upload = await colleague()
  const bell = page.getByRole('button', { name: /^Notifications, \d+ unread$/ })
  for (const name of ['Offer.pdf', 'Annex.pdf', 'Terms.pdf']) await upload(contracts, name)
  await bell.click()
  const news = page.getByRole('listitem').filter({ hasText: 'Mika Lindt uploaded 3 files to Contracts' })
  await news.waitFor()
  await page.getByText('Mika Lindt accepted an invitation').waitFor()
  await expectAccessible(page, 'the panel of notifications')
  await portray(page, 'notifications-panel')
  await news.getByRole('link').click()
  await page.waitForURL(url => url.pathname.endsWith(`/${contracts}`))
  await page.getByText('Terms.pdf').first().waitFor()

  await page.goto('/notifications')
  await news.waitFor()
  expect(await news.textContent()).not.toContain('Unread')
  await expectGood(page, 'notifications')
  await portray(page, 'notifications')
  await page.getByRole('button', { name: 'Unread', exact: true }).click()
  await news.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Mark all as read' }).first().click()
  await page.getByText('No notification fits these filters.').waitFor()
  await bell.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Clear filters' }).click()

  await news.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Mark as unread' }).click()
  await bell.waitFor()
  await news.getByRole('button', { name: 'More actions' }).click()
  await screenshot(page, 'notification-actions')
  await page.getByRole('menuitem', { name: 'No more “Files uploaded”' }).click()
  await page.getByText(/You get no more news of “Files uploaded” in/).first().waitFor()
  await upload(contracts, 'Muted.pdf')
  // Of another kind: when it is told, the one before was read as well.
  await upload(contracts, 'Muted.pdf', 'replace')
  await page.getByText('Mika Lindt uploaded version 2 of Muted.pdf in Contracts').first().waitFor()
  expect(await news.count()).toBe(1)
})

it('administrators set from when on they are alerted, are, and come to where one does something about it', async () => {
  await enter(page, stage.owner, `/w/${stage.owner.slug}/members`)
  const rule = page.getByRole('region', { name: 'Alerts' })
  await rule.getByLabel('Files that one member deletes').fill('2')
  await rule.getByLabel('Files that one member downloads').fill('')
  await rule.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved', { exact: true }).first().waitFor()
  expect(await stage.api('GET', `/workspaces/${stage.owner.workspaceId}/watch`)).toEqual({ refusals: 10, downloads: null, deletions: 2 })
  await expectGood(page, 'members with alerts')
  await portray(page, 'members-alerts')

  const folder = await stage.makeFolder(stage.rootId, 'Old')
  for (const name of ['A.pdf', 'B.pdf']) await stage.upload(folder, name, Buffer.from('x'))
  await stage.api('POST', `/workspaces/${stage.owner.workspaceId}/items/trash`, {
    itemIds: [folder],
  })
  await page.goto('/notifications')
  const alert = page.getByRole('listitem').filter({ hasText: 'Your account deleted 2 files within an hour' })
  await alert.getByText('If that was not you').waitFor()
  await expectGood(page, 'an alert')
  await portray(page, 'notification-alert')
  await alert.getByRole('link').click()
  await page.waitForURL(url => url.pathname === '/account')
})

soakIt('says it in German', async () => {
  await stage.api('PATCH', '/me', { locale: 'de' })
  await page.goto('/notifications')
  await page.getByText('Mika Lindt hat 3 Dateien in Contracts hochgeladen').waitFor()
  await page.getByText('Ihr Konto hat in einer Stunde 2 Dateien gelöscht').waitFor()
  await portray(page, 'notifications-german')
  await page.goto('/notifications/preferences')
  await page.getByRole('heading', { name: 'Ankündigungen' }).scrollIntoViewIfNeeded()
  await portray(page, 'notification-preferences-german')
  await page.goto(`/w/${stage.owner.slug}/members`)
  await page.getByRole('region', { name: 'Warnungen' }).scrollIntoViewIfNeeded()
  await portray(page, 'members-alerts-german')
})
