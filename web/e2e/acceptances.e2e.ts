import type { Page } from 'playwright-core'
import type { Policy } from '../src/api/generated/types.gen.ts'
import type { Stage } from './stage.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isSoak } from '../../server/test/soak.ts'
import { enter, expectAccessible, expectGood, expectNoOverflow, heading, phone, portray, save, visit } from './harness.ts'
import { callApi } from './instance.ts'
import { openOwnStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  // What is asked of everybody is the whole instance's.
  stage = await openOwnStage()
})
afterAll(() => stage?.close())

/** Asks everybody, from the first test on. */
let policy: Policy
const publish = (more: object) => stage.api('POST', `/admin/policies/${policy.id}/publish`, { effectiveOn: policy.today, summary: 'Be kinder.', ...more })

/** Not merely on the way: the address of the page before names it too. */
const arrives = (page: Page, path: string) => page.waitForURL(({ pathname }) => pathname === path)

it('a policy asks people to agree: an operator says so, everybody reads, agrees and goes on, and a later version asks again', async () => {
  const { instance, browser, owner, api } = stage
  const colleague = { name: 'Kim Staff', email: 'kim@northwind.example', password: 'seven quiet geese at dawn' }
  const { url } = await api<{ url: string }>('POST', `/workspaces/${owner.workspaceId}/invitations`, { role: 'staff', spaceRole: 'editor' })
  await callApi(instance, 'POST', `/public/invitations/${new URL(url).pathname.split('/').at(-1)}/accept`, colleague)
  const highlights = [
    { title: 'Your files are yours', sentence: 'We claim no right to them.' },
  ]
  policy = await api<Policy>('POST', '/admin/policies', {
    kind: 'terms',
    slug: 'terms',
    title: 'Terms of use',
    language: 'en',
    markdown: '# Rules\n\nBe kind to one another.',
    highlights,
  })
  await api('PATCH', `/admin/policies/${policy.id}`, { language: 'de', title: 'Nutzungsbedingungen', markdown: '# Regeln\n\nSeid nett zueinander.' })
  await publish({})

  const { context, page, faults } = await visit(browser, instance)
  await enter(page, owner, `/admin/policies/${policy.id}`)
  await page.getByRole('button', { name: 'Agreement' }).click()
  const panel = page.getByRole('dialog', { name: 'Agreement' })
  await panel.getByText('Nobody yet.').waitFor()
  await panel.getByRole('radio', { name: 'by saying so' }).click()
  // Operators are asked as everybody, at once, and come back to where they were.
  await page.waitForURL(/\/agree\?next=/)
  const goOn = page.getByRole('button', { name: 'Agree and go on' })
  await page.getByRole('checkbox', { name: 'I agree to “Terms of use”' }).check()
  await goOn.click()
  await arrives(page, `/admin/policies/${policy.id}`)

  const other = await visit(browser, instance)
  await enter(other.page, colleague, `/w/${owner.slug}/files`).catch(() => {})
  await other.page.waitForURL(/\/agree\?next=/)
  await other.page.getByText('We claim no right to them.').waitFor()
  await other.page.getByRole('button', { name: 'Read it here' }).click()
  await other.page.getByText('Be kind to one another.').waitFor()
  await expectGood(other.page, 'before you go on')
  await portray(other.page, 'agree')
  await other.page.setViewportSize(phone)
  await expectNoOverflow(other.page, 'before you go on, on a phone')
  // Not without the box.
  await other.page.getByRole('button', { name: 'Agree and go on' }).click()
  await other.page.getByText('Tick this to go on').waitFor()
  await other.page.goto(`/w/${owner.slug}/links`)
  await other.page.waitForURL(/\/agree\?next=/)
  await other.page.getByRole('checkbox', { name: 'I agree to “Terms of use”' }).check()
  await other.page.getByRole('button', { name: 'Agree and go on' }).click()
  await arrives(other.page, `/w/${owner.slug}/links`)
  await heading(other.page).waitFor()

  // A later version, while they are signed in, in the language of their account: it asks at the next thing that they do.
  await api('PATCH', `/admin/policies/${policy.id}`, { language: 'en', markdown: '# Rules\n\nBe kinder.' })
  await api('PATCH', `/admin/policies/${policy.id}`, { language: 'de', markdown: '# Regeln\n\nSeid netter.' })
  await publish({ acceptAgain: true })
  await other.page.goto(`/w/${owner.slug}/files`)
  await other.page.waitForURL(/\/agree\?next=/)
  await other.page.getByText('What changed since version 1').waitFor()
  await other.page.getByText('Be kinder.').waitFor()
  await expectAccessible(other.page, 'asked again')
  await portray(other.page, 'agree-again')
  // The text becomes another one while they read.
  await enter(page, owner, `/account`).catch(() => {})
  await page.getByRole('checkbox', { name: 'I agree to “Terms of use”' }).check()
  await goOn.click()
  await arrives(page, '/account')
  await api('PATCH', `/admin/policies/${policy.id}`, { language: 'en', markdown: '# Rules\n\nBe the kindest.' })
  await publish({
    texts: [
      { language: 'en', summary: 'Be the kindest.' },
    ],
  })
  await other.page.getByRole('checkbox', { name: 'I agree to “Terms of use”' }).check()
  await other.page.getByRole('button', { name: 'Agree and go on' }).click()
  await other.page.getByText('The text has changed').waitFor()
  await other.page.getByText('Version 3, in effect since').waitFor()
  expect(await other.page.getByRole('checkbox', { name: 'I agree to “Terms of use”' }).isChecked()).toBe(false)
  await other.page.getByRole('checkbox', { name: 'I agree to “Terms of use”' }).check()
  await other.page.getByRole('button', { name: 'Agree and go on' }).click()
  await arrives(other.page, `/w/${owner.slug}/files`)
  await other.page.goto('/account')
  await other.page.getByRole('region', { name: 'What you agreed to' }).getByRole('link', { name: 'Terms of use' }).first().waitFor()

  await page.goto(`/admin/policies/${policy.id}`)
  await page.getByRole('button', { name: 'Agreement' }).click()
  await panel.getByText('2 of 2 people agreed').waitFor()
  await panel.getByText(colleague.name).first().waitFor()
  await expectAccessible(page, 'who agreed')
  await portray(page, 'policy-agreement')
  const { data } = await save(page, () => panel.getByRole('button', { name: 'Download all as CSV' }).click())
  expect(data.toString()).toContain(colleague.email)
  await context.close()
  await other.context.close()
  expect([
    ...faults,
    ...other.faults,
  ].filter(fault => !/403|409/.test(fault))).toEqual([])
})

it('whoever makes an account or asks for something agrees there, to the text that is in effect by then, and keeps what they typed', async () => {
  const { instance, browser, owner, api } = stage
  const { url } = await api<{ url: string }>('POST', `/workspaces/${owner.workspaceId}/invitations`, { role: 'staff', spaceRole: 'editor' })
  const { context, page, faults } = await visit(browser, instance)
  await page.goto(new URL(url).pathname)
  const box = page.getByRole('checkbox', { name: /^I agree to Terms of use/ })
  await box.waitFor()
  await expectGood(page, 'an invitation with a policy')
  await portray(page, 'invitation-agree')
  await page.getByLabel('Your name').fill('Toni Newcomer')
  await page.getByLabel('E-mail').fill('toni@northwind.example')
  await page.getByLabel('Choose a password').fill('nine patient owls on a wire')
  const join = page.getByRole('button', { name: 'Create account and join' })
  await join.click()
  expect(await box.evaluate((input: HTMLInputElement) => input.validity.valueMissing)).toBe(true)
  await box.check()
  await api('PATCH', `/admin/policies/${policy.id}`, { language: 'en', markdown: '# Rules\n\nBe kind, whoever you are.' })
  await publish({
    texts: [
      { language: 'en', summary: 'Newcomers too.' },
    ],
  })
  await join.click()
  await page.getByText('The text has changed').waitFor()
  await page.locator('a[href^="/policies/terms/versions/4"]').waitFor()
  expect([await box.isChecked(), await page.getByLabel('Your name').inputValue()]).toEqual([false, 'Toni Newcomer'])
  await portray(page, 'invitation-text-changed')
  const guest = await visit(browser, instance, { locale: 'de-DE' })
  if (isSoak) {
    await guest.page.goto(new URL(url).pathname)
    await guest.page.getByRole('checkbox').waitFor()
    await portray(guest.page, 'invitation-agree-de')
  }
  await box.check()
  await join.click()
  await page.waitForURL(({ pathname }) => pathname.startsWith(`/w/${owner.slug}`))
  if (isSoak) {
    await page.goto('/contact')
    await page.getByRole('checkbox', { name: /Terms of use/ }).waitFor()
    await portray(page, 'contact-agree-en')
  }
  await context.close()

  await guest.page.goto('/contact')
  const agree = guest.page.getByRole('checkbox', { name: /Nutzungsbedingungen/ })
  await agree.waitFor()
  await expectAccessible(guest.page, 'the form for requests with a policy')
  await portray(guest.page, 'contact-agree')
  // What somebody may ask by law hangs on no agreement.
  await guest.page.getByLabel('Worum es geht').selectOption('privacy')
  await agree.waitFor({ state: 'detached' })
  await guest.page.getByLabel('Worum es geht').selectOption('access')
  await guest.page.getByLabel('Name', { exact: true }).fill('Ulla Gast')
  await guest.page.getByLabel('E-Mail-Adresse').fill('ulla@harbour.example')
  await guest.page.getByLabel('Nachricht').fill('Darf ich herein?')
  await agree.check()
  await guest.page.getByRole('button', { name: 'Senden', exact: true }).click()
  await guest.page.getByRole('heading', { name: 'Ihre Anfrage ist angekommen' }).waitFor()
  await guest.context.close()
  const { items } = await api<{ items: { email: string, place: string, language: string }[] }>('GET', `/admin/policies/${policy.id}/acceptances`)
  expect(items.slice(0, 2)).toMatchObject([
    { email: 'ulla@harbour.example', place: 'request', language: 'de' },
    { email: 'toni@northwind.example', place: 'invitation', language: 'en' },
  ])
  expect([
    ...faults,
    ...guest.faults,
  ].filter(fault => !/409/.test(fault))).toEqual([])
})
