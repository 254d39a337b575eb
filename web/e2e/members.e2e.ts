import type { Browser, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Account, Api, Instance, Person } from './instance.ts'
import type { Stage } from './stage.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { soakDescribe, soakIt } from '../../server/test/soak.ts'
import { enter, expectAccessible, expectGood, save, screenshot, signIn, visit } from './harness.ts'
import { callApi } from './instance.ts'
import { openStage } from './stage.ts'

let stage: Stage
let instance: Instance
let browser: Browser
let owner: Account
let api: Api
let visitor: Visit
let page: Page
const others: Visit[] = []

beforeAll(async () => {
  stage = await openStage('members')
  ;({ instance, browser, owner, api } = stage)
})

afterAll(() => stage?.close())

beforeEach(async () => {
  visitor = await visit(browser, instance)
  page = visitor.page
})

afterEach(async () => {
  for (const { context, faults } of [
    visitor,
    ...others.splice(0),
  ]) {
    await context.close()
    expect(faults).toEqual([])
  }
})

/** Somebody else in a browser of their own. */
async function another(): Promise<Page> {
  const other = await visit(browser, instance)
  others.push(other)
  return other.page
}

/** A member whom the API has invited and let in. */
async function makeMember(name: string, role: string, spaceRole: string | null): Promise<Person> {
  const person = { name, email: `${name.split(' ')[0]!.toLowerCase()}@northwind.example`, password: 'five grey herons at dawn' }
  const { url } = await api<{ url: string }>('POST', `/workspaces/${owner.workspaceId}/invitations`, { role, spaceRole })
  await callApi(instance, 'POST', `/public/invitations/${url.split('/').at(-1)}/accept`, person)
  return person
}

const pick = async (on: Page, label: string, option: string | RegExp) => {
  await on.getByRole('combobox', { name: label, exact: true }).click()
  await on.getByRole('option', { name: option, exact: typeof option === 'string' }).click()
}
const memberRow = (on: Page, name: string) => on.getByRole('row').filter({ hasText: name })

describe('members', () => {
  it('are invited by a link that is shown once, join, and feel a change of role at once', async () => {
    await signIn(page, owner, `/w/${owner.slug}/members`)
    await memberRow(page, owner.name).waitFor()
    await page.getByRole('button', { name: 'Invite', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('E-mail').fill('mika@northwind.example')
    await expectAccessible(page, 'the invitation form')
    await screenshot(page, 'invite')
    await dialog.getByRole('button', { name: 'Create invitation' }).click()
    const lost = await dialog.getByRole('textbox', { name: 'Invitation link' }).inputValue()
    expect(lost).toMatch(new RegExp(`^${instance.url}/invite/[\\w-]{43}$`))
    await dialog.getByRole('img', { name: /QR/ }).waitFor()
    await expectAccessible(page, 'the made invitation')
    await screenshot(page, 'invited')
    await dialog.getByRole('button', { name: 'Copy link' }).click()
    // The click answers before the clipboard has it.
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(lost)
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('region', { name: 'Open invitations' }).getByText('mika@northwind.example').waitFor()

    // It got lost: the next takes its place.
    await page.getByRole('button', { name: 'Send again: the invitation for mika@northwind.example' }).click()
    await dialog.getByRole('button', { name: 'Send again', exact: true }).click()
    const link = await dialog.getByRole('textbox', { name: 'Invitation link' }).inputValue()
    expect(link).not.toBe(lost)
    await screenshot(page, 'invited-again')
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('region', { name: 'Open invitations' }).getByText('mika@northwind.example').waitFor()
    await screenshot(page, 'invitations-open')

    const mika = { name: 'Mika Aalto', email: 'mika@northwind.example', password: 'five grey herons at dawn' }
    const theirs = await another()
    await theirs.goto(link)
    await theirs.getByLabel('Your name').fill(mika.name)
    await theirs.getByLabel('Choose a password').fill(mika.password)
    await theirs.getByRole('button', { name: 'Create account and join' }).click()
    await theirs.waitForURL(url => url.pathname.startsWith(`/w/${owner.slug}`))
    // Without a reload: the live event brings the row.
    await memberRow(page, mika.name).waitFor()
    await expect.poll(() => page.getByRole('region', { name: 'Open invitations' }).count()).toBe(0)

    await theirs.goto(`/w/${owner.slug}/members`)
    await memberRow(theirs, mika.name).waitFor()
    expect(await theirs.getByRole('button', { name: 'Invite', exact: true }).count()).toBe(0)
    expect(await theirs.getByRole('combobox').count()).toBe(0)
    expect(await theirs.getByRole('link', { name: 'Activity' }).count()).toBe(0)

    await pick(page, 'Role of Mika Aalto', 'Administrator')
    await theirs.getByRole('button', { name: 'Invite', exact: true }).waitFor()
    await theirs.getByRole('link', { name: 'Activity' }).first().waitFor()
    // Administrators do not touch owners.
    expect(await theirs.getByRole('combobox', { name: `Role of ${owner.name}` }).count()).toBe(0)
    expect(await theirs.getByRole('button', { name: `End the membership of ${owner.name}` }).count()).toBe(0)

    await page.getByRole('button', { name: 'End the membership of Mika Aalto' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'End membership' }).click()
    await page.getByText('Mika Aalto is no longer a member').first().waitFor()
    await theirs.getByText('No workspace yet').first().waitFor()
  })

  soakIt('keep an owner: the last one hears why in the server\'s words', async () => {
    await makeMember('Sasha Lindqvist', 'staff', 'viewer')
    await makeMember('Noor Haddad', 'admin', null)
    await api('POST', `/workspaces/${owner.workspaceId}/invitations`, { email: 'kim@northwind.example', role: 'staff', spaceRole: 'editor' })
    await enter(page, owner, `/w/${owner.slug}/members`)
    await memberRow(page, owner.name).waitFor()
    await page.getByText('kim@northwind.example').waitFor()
    await expectGood(page, 'members')

    await page.getByRole('button', { name: 'Leave the workspace' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Leave workspace' }).click()
    await page.getByText('Make somebody else an owner first').first().waitFor()
    await memberRow(page, owner.name).waitFor()

    // By keys alone: the role on files of a colleague.
    await page.getByRole('combobox', { name: 'Role of Sasha Lindqvist on files' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('[role=option][data-highlighted]', { hasText: 'Viewer' }).waitFor()
    await page.keyboard.press('ArrowUp')
    // The select moves on in a task of its own; no hand is faster than that.
    await page.locator('[role=option][data-highlighted]', { hasText: 'Previewer' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('Sasha Lindqvist now has the role Previewer on files').first().waitFor()
    const { items } = await api<{ items: { name: string, spaceRole: string }[] }>('GET', `/workspaces/${owner.workspaceId}/members`)
    expect(items.find(({ name }) => name === 'Sasha Lindqvist')?.spaceRole).toBe('previewer')

    await page.getByRole('button', { name: 'Revoke the invitation: kim@northwind.example' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke invitation' }).click()
    await expect.poll(() => page.getByText('kim@northwind.example').count()).toBe(0)
  })
})

describe('activity', () => {
  it('tells what happened, filters by the address, and grows while one looks', async () => {
    const folder = await stage.makeFolder(stage.rootId, 'Audit 2026')
    const link = await stage.share({
      itemIds: [folder],
      password: 'herons at dawn',
    })
    const token = link.split('/').at(-1)
    await fetch(`${instance.url}/api/v1/public/links/${token}/unlock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password: 'wrong password' }),
    })

    await enter(page, owner, `/w/${owner.slug}/activity`)
    await page.getByText('Robin Keller made the folder Audit 2026 in Northwind').waitFor()
    await page.getByText('A visitor was refused at the link Audit 2026: wrong password').waitFor()
    await page.getByRole('img', { name: /Events of the last 30 days/ }).waitFor()
    await expectGood(page, 'activity')

    await pick(page, 'Outcome', 'Refused')
    await pick(page, 'Kinds of action', 'Links')
    await page.keyboard.press('Escape')
    await page.getByRole('searchbox').fill('audit')
    await page.waitForURL(/outcome=refused.*q=audit|q=audit.*outcome=refused/)
    const address = new URL(page.url())
    expect(Object.fromEntries(address.searchParams)).toEqual({ outcome: 'refused', kinds: 'links', q: 'audit' })
    await page.reload()
    await page.getByText('A visitor was refused at the link Audit 2026: wrong password').waitFor()
    await expect.poll(() => page.getByText('made the folder').count()).toBe(0)
    expect(await page.getByRole('searchbox').inputValue()).toBe('audit')
    await page.getByRole('button', { name: 'Remove the filter Refused' }).waitFor()
    await expectGood(page, 'activity-filtered')

    // What is shown is what is exported.
    const { name, data } = await save(page, async () => {
      await page.getByRole('button', { name: 'Export' }).click()
      await page.getByRole('menuitem', { name: 'CSV' }).click()
    })
    expect(name).toMatch(/\.csv$/)
    const [head, ...rows] = data.toString('utf8').trim().split(/\r?\n/)
    expect(head).toContain('action')
    expect(rows).toHaveLength(1)
    expect(rows[0]).toContain('link.refused')

    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByText('made the folder Audit 2026').waitFor()
    await page.waitForURL(url => url.search === '')

    await stage.makeFolder(folder, 'Minutes')
    await page.getByText('made the folder Minutes in Audit 2026').waitFor()
    await page.getByRole('link', { name: 'Minutes' }).first().click()
    await page.waitForURL(/\/files\/[\da-f-]{36}/)
    await page.goBack()

    await page.getByRole('button', { name: 'Proof' }).click()
    await page.getByText(/^\d+ events, unbroken$/).waitFor()
    await expectAccessible(page, 'the proof')
    await screenshot(page, 'proof')
  })

  soakIt('waits with what is new while one reads further down', async () => {
    for (let index = 0; index < 60; index++) await stage.makeFolder(stage.rootId, `Folder ${index}`)
    await enter(page, owner, `/w/${owner.slug}/activity`)
    await page.getByText('made the folder Folder 59').waitFor()
    // The second page comes by itself.
    await page.getByText('made the folder Folder 59').hover()
    await page.mouse.wheel(0, 4000)
    await page.getByText('made the folder Folder 3 in').waitFor()
    await stage.makeFolder(stage.rootId, 'Late')
    await page.getByRole('button', { name: 'One new event' }).click()
    await page.getByText('made the folder Late').waitFor()
  })
})

soakDescribe('the dot at Activity', () => {
  it('comes with what others did, not with one’s own, and goes by looking', async () => {
    const folder = await stage.makeFolder(stage.rootId, 'Tenders')
    const link = await stage.share({
      itemIds: [folder],
    })
    const opened = async () => expect((await fetch(`${instance.url}/api/v1/public/links/${link.split('/').at(-1)}`)).ok).toBe(true)
    const place = page.getByRole('link', { name: /^Activity/ })
    const unseen = page.getByRole('link', { name: 'Activity New, not yet seen' })
    await enter(page, owner, `/w/${owner.slug}/activity`)
    await page.getByText('made the folder Tenders').waitFor()
    await page.getByRole('link', { name: 'Members' }).click()
    await memberRow(page, owner.name).waitFor()
    await stage.makeFolder(folder, 'Own')
    await opened()
    await unseen.waitFor()
    await unseen.locator('[data-unseen]').waitFor()
    await expectGood(page, 'unseen')

    await place.click()
    await page.getByText('A visitor opened the link Tenders').waitFor()
    await page.getByRole('link', { name: 'Members' }).click()
    await memberRow(page, owner.name).waitFor()
    await expect.poll(() => unseen.count()).toBe(0)
    await page.reload()
    await memberRow(page, owner.name).waitFor()
    await stage.makeFolder(folder, 'Own again')
    // The log has it, and the dot knows whose it was.
    await place.click()
    await page.getByText('made the folder Own again').waitFor()
    await expect.poll(() => api('GET', `/workspaces/${owner.workspaceId}/audit/unseen`)).toMatchObject({ count: 0 })
  })
})

describe('the account', () => {
  it('has a picture, which is seen wherever its person is, and initials without one', async () => {
    await enter(page, owner, '/account')
    const section = page.getByRole('region', { name: 'Picture' })
    const choose = (name: string, mimeType: string, buffer: Buffer) => section.locator('input[type=file]').setInputFiles({ name, mimeType, buffer })
    await choose('me.png', 'image/png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))
    await section.getByText('This is no picture that can be read').waitFor()
    await expectAccessible(page, 'a picture that was refused')
    // As a browser takes it of a page: something to see.
    await choose('me.png', 'image/png', await page.screenshot())
    await page.getByText('Picture saved').first().waitFor()
    const faces = page.locator('img[src^="blob:"]')
    await expect.poll(() => faces.evaluateAll(images => images.map(image => [(image as HTMLImageElement).naturalWidth, (image as HTMLImageElement).naturalHeight]))).toEqual([
      [512, 512],
      [512, 512],
    ])
    await expectGood(page, 'account-picture')
    await page.goto(`/w/${owner.slug}/members`)
    await page.getByRole('row').filter({ hasText: owner.email }).locator('img[src^="blob:"]').waitFor()
    await page.goto('/account')
    await section.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('Picture removed').first().waitFor()
    await expect.poll(() => faces.count()).toBe(0)
  })

  it('keeps name and language for every browser', async () => {
    await enter(page, owner, '/account')
    await page.getByLabel('Name').fill('Robin Keller-Voss')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Your name is now Robin Keller-Voss').first().waitFor()
    await expectGood(page, 'account')
    await pick(page, 'Language', 'Deutsch')
    await page.getByRole('heading', { name: 'Konto' }).waitFor()
    await page.getByText('Sprache gespeichert').first().waitFor()

    const elsewhere = await another()
    await signIn(elsewhere, owner, '/account')
    await elsewhere.getByRole('heading', { name: 'Konto' }).waitFor()
    await elsewhere.getByRole('button', { name: 'Abmelden', exact: true }).click()
    await elsewhere.waitForURL(/\/login/)
  })
})
