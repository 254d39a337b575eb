import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import type { Instance } from './instance.ts'
import type { Stage } from './stage.ts'
import { createServer } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { desktop, enter, expectAccessible, expectGood, expectReflow, heading, phone, portray, screenshot, visit } from './harness.ts'
import { openOwnStage } from './stage.ts'

let stage: Stage
let instance: Instance
let browser: Browser
let api: Stage['api']

/** Who counts visits: what was told, of which page. */
const told: { origin: string | undefined, cookie: string | undefined, body: { name: string, domain: string, url: string } }[] = []
const counter = createServer(async (request, response) => {
  const body = await textOf(request)
  response.setHeader('access-control-allow-origin', '*').setHeader('access-control-allow-headers', 'content-type')
  if (request.method === 'POST') {
    told.push({
      origin: request.headers.origin,
      cookie: request.headers.cookie,
      body: JSON.parse(body) as (typeof told)[number]['body'],
    })
  }
  response.writeHead(202).end()
})

beforeAll(async () => {
  await new Promise<void>(listening => counter.listen(0, '127.0.0.1', listening))
  stage = await openOwnStage({
    ANALYTICS: 'plausible',
    ANALYTICS_URL: `http://127.0.0.1:${(counter.address() as AddressInfo).port}`,
    ANALYTICS_SITE: 'files.example.com',
  });
  ({ instance, browser, api } = stage)
})

afterAll(async () => {
  await stage?.close()
  counter.close()
})

/** A browser that asks not to be followed, of which nothing leaves the origin. */
const uncounted = {
  extraHTTPHeaders: { 'sec-gpc': '1' },
}

describe('the pages of policies', () => {
  const day = (inDays: number) => new Date(Date.now() + inDays * 86_400_000).toISOString().slice(0, 10)
  const text = (retention: string, extra = '') => [
    '# What we keep',
    'Logs of visits are kept for ' + `${retention}.`,
    ...Array.from({ length: 14 }, (_, n) => `Paragraph ${n + 1} stays as it is, whatever happens around it.`),
    '## Contact',
    `Write to us.${extra}`,
    '<script>alert(1)</script> is text, and [this](javascript:alert(1)) is no link.',
  ].join('\n\n')

  beforeAll(async () => {
    const { id } = await api<{ id: string }>('POST', '/admin/policies', {
      kind: 'privacy',
      slug: 'privacy',
      title: 'Privacy policy',
      markdown: text('90 days'),
    })
    await api('POST', `/admin/policies/${id}/publish`, {
      effectiveOn: day(0),
      summary: 'First version.',
    })
    await api('PATCH', `/admin/policies/${id}`, {
      markdown: text('30 days'),
    })
    await api('POST', `/admin/policies/${id}/publish`, {
      effectiveOn: day(0),
      summary: 'Logs go after 30 days instead of 90.',
    })
    await api('PATCH', `/admin/policies/${id}`, {
      markdown: text('14 days', ' We answer within a week.'),
    })
    await api('POST', `/admin/policies/${id}/publish`, {
      effectiveOn: day(30),
      summary: 'Logs go after 14 days; answers come within a week.',
    })
    const terms = await api<{ id: string }>('POST', '/admin/policies', {
      kind: 'terms',
      slug: 'terms',
      title: 'Terms of use',
      markdown: '# Terms\n\nBe kind. [What is kept](#what-is-kept).\n\n| Kind of data | Retention period | Responsible |\n|---|---|---|\n| Accounts and authentication | Thirty calendar days | https://northwind.example/a/very/long/address/that/nobody/breaks |\n\n## What is kept\n\nLittle.',
    })
    await api('POST', `/admin/policies/${terms.id}/publish`, {
      effectiveOn: day(0),
      summary: 'First version.',
    })
  })

  it('are linked from sign-in and from links, and show what is in effect', async () => {
    const report = await stage.upload(stage.rootId, 'Report.txt', Buffer.from('figures'))
    const link = await stage.share({
      itemIds: [report],
    })
    const { context, page, faults } = await visit(browser, instance, { ...uncounted, viewport: phone })
    await page.goto('/login')
    await page.getByRole('navigation', { name: 'Policies' }).getByRole('link', { name: 'Privacy policy' }).click()
    await page.waitForURL('/policies/privacy')
    await heading(page).getByText('Privacy policy').waitFor()
    await page.getByText(/In effect since/).waitFor()
    await page.getByText('Logs of visits are kept for 30 days.').waitFor()
    await page.getByText('A new version takes effect on').waitFor()
    await page.getByText('<script>alert(1)</script>').waitFor()
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0)
    await expectAccessible(page, 'policy')
    await expectReflow(page)
    await portray(page, 'public-policy')

    await page.goto('/policies')
    await page.getByRole('main').getByRole('link', { name: /Terms of use/ }).waitFor()
    await expectAccessible(page, 'policies')
    await portray(page, 'public-policies')

    // A table on a phone: rows stack, each cell says what it is, and no word is broken.
    await page.goto('/policies/terms')
    const cell = page.getByRole('cell', { name: 'Accounts and authentication' })
    await cell.waitFor()
    const [one, other] = await Promise.all([
      cell.boundingBox(),
      page.getByRole('cell', { name: 'Thirty calendar days' }).boundingBox(),
    ])
    expect(other!.y).toBeGreaterThanOrEqual(one!.y + one!.height - 1)
    await expectAccessible(page, 'a policy with a table')
    await expectReflow(page)
    await portray(page, 'public-policy-table')
    await page.setViewportSize(desktop)
    const wide = await Promise.all([
      cell.boundingBox(),
      page.getByRole('cell', { name: 'Thirty calendar days' }).boundingBox(),
    ])
    expect(wide[0]!.y).toBe(wide[1]!.y)
    await page.getByRole('link', { name: 'What is kept' }).click()
    await page.waitForURL(/#what-is-kept$/)
    await page.setViewportSize(phone)

    await page.goto(link)
    await page.getByText('What is recorded').click()
    await page.getByRole('main').getByRole('link', { name: 'Privacy policy' }).click()
    await heading(page).getByText('Privacy policy').waitFor()
    expect(faults).toEqual([])
    await context.close()
  })

  it('are counted by the operator’s server, without a cookie, but for links and for those who ask not to be', async () => {
    const link = await stage.share({
      itemIds: [
        await stage.upload(stage.rootId, 'Counted.txt', Buffer.from('figures')),
      ],
    })
    const { context, page, faults } = await visit(browser, instance, {})
    told.length = 0
    await page.goto('/policies')
    await page.getByRole('main').getByRole('link', { name: /Terms of use/ }).click()
    await heading(page).getByText('Terms of use').waitFor()
    await expect.poll(() => told.map(({ body }) => body.url)).toEqual([`${instance.url}/policies`, `${instance.url}/policies/terms`])
    expect(told[0]).toMatchObject({
      cookie: undefined,
      body: { name: 'pageview', domain: 'files.example.com' },
    })
    expect((await context.cookies()).map(({ name }) => name)).toEqual([])

    // A visit that began at a link is not followed to where it goes on.
    await page.goto(link)
    await page.getByText('What is recorded').click()
    await page.getByRole('main').getByRole('link', { name: 'Privacy policy' }).click()
    await heading(page).getByText('Privacy policy').waitFor()
    expect(faults.filter(fault => !fault.startsWith('leaves the origin'))).toEqual([])
    await context.close()

    const unfollowed = await visit(browser, instance, uncounted)
    const answered = unfollowed.page.waitForResponse(response => response.url().endsWith('/api/v1/instance'))
    await unfollowed.page.goto('/policies/privacy')
    expect((await (await answered).json() as { analytics: unknown }).analytics).toBeNull()
    await heading(unfollowed.page).getByText('Privacy policy').waitFor()
    // One more that is counted shows that all before it were told.
    const last = await visit(browser, instance, {})
    await last.page.goto('/contact')
    await expect.poll(() => told.map(({ body }) => body.url)).toContain(`${instance.url}/contact`)
    expect(told).toHaveLength(3)
    expect(unfollowed.faults).toEqual([])
    await last.context.close()
    await unfollowed.context.close()
  })

  it('are read in the reader’s language, say what is older or so no more, and read right to left', async () => {
    const { id } = await api<{ id: string }>('POST', '/admin/policies', {
      kind: 'page',
      slug: 'stay',
      title: 'How long you stay',
      markdown: [
        '## Scope\n\nA session ends after {{session.idle}} without use.',
        '## Signing in\n\n::sign-in',
        '## Contact\n\nAsk {{contact}}.\n\n### By mail\n\nAny time.',
        ...Array.from({ length: 5 }, (_, n) => `## Part ${n + 1}\n\n${'A paragraph that says what is kept, and for how long. '.repeat(6)}`),
      ].join('\n\n'),
      highlights: [
        { title: 'Who is covered', sentence: 'Everybody with an account here.' },
        { title: 'How long', sentence: 'Sessions end after {{session.idle}}.' },
        { title: 'Questions', sentence: 'Ask {{contact}}.' },
      ],
    })
    await api('PATCH', `/admin/policies/${id}`, {
      language: 'ar',
      title: 'مدة البقاء',
      markdown: '## النطاق\n\nتنتهي الجلسة بعد {{session.idle}} من عدم الاستخدام.\n\n## الأسئلة\n\nاكتبوا إلينا.\n\n| النوع | المدة |\n| --- | --- |\n| سلة المهملات | ثلاثون يومًا |\n\n## التغييرات\n\nنعلن عنها هنا.',
      highlights: [
        { title: 'لمن هذا', sentence: 'لكل من لديه حساب هنا.' },
      ],
    })
    await api('POST', `/admin/policies/${id}/publish`, {
      effectiveOn: day(0),
    })
    await api('PATCH', `/admin/policies/${id}`, { language: 'en', title: 'How long you stay signed in' })
    await api('POST', `/admin/policies/${id}/publish`, {
      effectiveOn: day(0),
      texts: [
        { language: 'en', summary: 'A clearer title.' },
      ],
    })
    const { sessionIdleMinutes } = await api<{ sessionIdleMinutes: number }>('GET', '/admin/instance')
    const { context, page, faults } = await visit(browser, instance, { ...uncounted, viewport: phone })
    await page.goto('/policies/stay')
    await heading(page).getByText('How long you stay signed in').waitFor()
    expect(await page.getByText('Changed since this was published').count()).toBe(0)
    // Sections are counted, and a sheet leads to each.
    await page.getByRole('button', { name: 'Contents' }).click()
    const sheet = page.getByRole('dialog', { name: 'Contents' })
    await expectAccessible(page, 'the contents of a policy')
    await sheet.getByRole('link', { name: 'Contact' }).click()
    await page.waitForURL(/#contact$/)
    expect(await sheet.isVisible()).toBe(false)

    await api('PATCH', '/admin/instance', { sessionIdleMinutes: 2 * 1440 })
    await page.goto('/policies/stay')
    const notice = page.getByRole('note').filter({ hasText: 'Changed since this was published' })
    await notice.getByText('2 days').waitFor()
    const sentence = page.getByText(/A session ends after/)
    expect(await sentence.locator('del').textContent()).toBe('30 days')
    expect(await sentence.locator('ins').textContent()).toMatch(/^live: 2 days, since ./)
    expect(await page.locator('del', { hasText: '30 days' }).count()).toBe(3)
    await expectAccessible(page, 'a policy that is so no more')
    await expectReflow(page)
    await portray(page, 'public-policy-drift')
    await page.setViewportSize(desktop)
    await page.getByRole('navigation', { name: 'Contents' }).getByRole('link', { name: 'Part 5' }).waitFor()
    await portray(page, 'public-policy-drift-wide')
    await page.setViewportSize(phone)

    await page.getByRole('combobox', { name: 'Language of the text' }).selectOption('ar')
    await page.waitForURL(/language=ar/)
    await heading(page).getByText('مدة البقاء').waitFor()
    await page.getByText('This translation is of version 1; version 2 holds, in English.').waitFor()
    expect(await page.locator('.markdown[lang=ar][dir=rtl]').last().evaluate(element => getComputedStyle(element).direction)).toBe('rtl')
    await expectAccessible(page, 'a policy from right to left')
    await expectReflow(page)
    await portray(page, 'public-policy-rtl')
    await page.getByRole('link', { name: 'Read version 2' }).click()
    await heading(page).getByText('How long you stay signed in').waitFor()
    await page.goto('/policies/stay?language=fr')
    await page.getByText('There is no text in French. This is the one in English.').waitFor()
    const answer = await page.request.get('/policies/stay.md?language=ar', {
      headers: { accept: 'text/html' },
    })
    expect([answer.headers()['content-type'], await answer.text()]).toEqual([
      'text/markdown; charset=utf-8',
      expect.stringContaining('تنتهي الجلسة بعد 30 days'),
    ])
    await api('PATCH', '/admin/instance', { sessionIdleMinutes })
    expect(faults).toEqual([])
    await context.close()
  })

  it('tell old and upcoming versions and what changed between them', async () => {
    const { context, page, faults } = await visit(browser, instance, { ...uncounted, viewport: phone })
    await page.goto('/policies/privacy/versions/1')
    await page.getByText('This is an earlier version.').waitFor()
    await page.getByText('kept for 90 days.').waitFor()
    await portray(page, 'public-policy-old')

    const scripts: string[] = []
    page.on('request', request => scripts.push(request.url()))
    await page.getByRole('region', { name: 'All versions' }).getByRole('link', { name: /Version 3/ }).click()
    await page.getByText('This version is not in effect yet.').waitFor()
    expect(scripts.some(url => url.includes('TextDiff'))).toBe(false)
    await page.getByLabel('Show changes since').selectOption('1')
    const changes = page.getByRole('region', { name: 'Changes from version 1 to version 3' })
    await changes.locator('del').getByText('90').waitFor()
    await changes.locator('ins').getByText('14').waitFor()
    expect(scripts.some(url => url.includes('TextDiff'))).toBe(true)
    // Not by colour alone: words for those who hear, signs and lines for those who see.
    expect(await changes.locator('del').first().textContent()).toMatch(/Removed:[^\u2212]*\u2212.*90/s)
    expect(await changes.locator('ins').first().textContent()).toMatch(/Added:[^+]*\+.*14/s)
    expect(await changes.locator('del').first().evaluate(element => getComputedStyle(element).textDecorationLine)).toBe('line-through')
    await changes.getByText(/\d+ unchanged lines/).first().waitFor()
    expect(new URL(page.url()).searchParams.get('compare')).toBe('1')
    await expectAccessible(page, 'policy, compared')
    await expectReflow(page)
    await changes.scrollIntoViewIfNeeded()
    await portray(page, 'public-policy-diff')

    await page.reload()
    await changes.locator('del').getByText('90').waitFor()

    // On paper: the text, its title and day, and nothing to press.
    await page.emulateMedia({ media: 'print' })
    expect(await page.getByRole('combobox', { name: 'Language' }).isVisible()).toBe(false)
    expect(await page.getByRole('heading', { name: 'All versions' }).isVisible()).toBe(false)
    expect(await page.getByText('Write to us. We answer within a week.').isVisible()).toBe(true)
    await page.emulateMedia({ media: null })

    for (const path of ['/policies/nothing', '/policies/privacy/versions/99']) {
      await page.goto(path)
      await heading(page).getByText('Policy not found').waitFor()
    }
    await expectAccessible(page, 'policy not found')
    expect(faults).toEqual([])
    await context.close()
  })
})

describe('the ten questions', () => {
  it('are answered beside the page that they make, and make it', async () => {
    await api('PUT', '/admin/policy-facts', {
      address: '1 Harbour Road\nHamburg',
      contact: { by: 'form' },
      backups: { days: 30, place: 'Hamburg' },
      authority: 'The Hamburg commissioner for data protection',
    })
    await api('POST', '/admin/policies', { kind: 'acceptable-use', slug: 'rules', title: 'Rules' })
    const { context, page, faults } = await visit(browser, instance)
    await enter(page, stage.owner, '/admin/policies/questions')
    await page.getByText('6 of 10 answered · 4 open').waitFor()
    const preview = page.getByRole('region', { name: 'Preview' })
    await preview.getByText('Backups are kept for 30 days at most').waitFor()
    await expectGood(page, 'policy-questions')
    // What is lit is so for a moment: it is written down as it comes.
    await page.evaluate(() => {
      const lit: string[] = []
      Object.assign(window, { lit })
      new MutationObserver(changes => lit.push(...changes.map(({ target }) => target as Element).filter(each => each.classList.contains('lit')).map(each => each.textContent))).observe(document.body, {
        subtree: true,
        attributeFilter: ['class'],
      })
    })

    // The first that is open waits unfolded; the next one follows.
    await page.getByLabel('Organisation').fill('Northwind & Sons')
    await page.getByRole('button', { name: 'Save answer' }).click()
    await page.getByText('7 of 10 answered · 3 open').waitFor()
    await preview.getByText('Northwind & Sons, 1 Harbour Road, Hamburg').waitFor()
    await expect.poll(() => page.evaluate(() => (window as unknown as { lit: string[] }).lit.join())).toContain('Northwind & Sons, 1 Harbour Road')
    expect(await page.evaluate(() => (window as unknown as { lit: string[] }).lit.join())).not.toContain('Backups are kept')

    const vendor = page.getByRole('group', { name: 'Vendor 1' })
    await vendor.getByLabel('Name').fill('Example Hosting')
    await vendor.getByLabel('For what').fill('Servers')
    await vendor.getByLabel('Where').fill('Germany')
    await vendor.getByLabel('Website').fill('javascript:alert(1)')
    await page.getByRole('button', { name: 'Save answer' }).click()
    await vendor.getByText('must be an address of the web').waitFor()
    await expectAccessible(page, 'a refused answer')
    await screenshot(page, 'policy-questions-refused')
    // Both columns scroll for themselves: what comes into view moves no page.
    expect((await heading(page).boundingBox())!.y).toBeGreaterThan(0)
    await vendor.getByLabel('Website').fill('https://hosting.example')
    await page.getByRole('button', { name: 'Save answer' }).click()
    await preview.getByRole('link', { name: 'Example Hosting' }).waitFor()

    await page.getByText('8 of 10 answered · 2 open').waitFor()
    await page.getByRole('radio', { name: 'No, nothing is sold here' }).check()
    await page.getByRole('button', { name: 'Save answer' }).click()
    await page.getByLabel('Law and courts').fill('German law')
    await page.getByRole('button', { name: 'Save answer' }).click()
    await page.getByText('All that was to be asked is answered.').waitFor()
    await page.getByLabel('Language of the text').click()
    await page.getByRole('option', { name: 'French' }).click()
    await preview.getByText('Rien n’est vendu ici').waitFor()

    await page.getByRole('button', { name: 'Make the pages' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('checkbox', { name: 'Imprint' }).waitFor()
    await dialog.getByText('There is one already.').first().waitFor()
    expect(await dialog.getByRole('checkbox', { name: 'Acceptable use' }).count()).toBe(0)
    await expectAccessible(page, 'making pages')
    await screenshot(page, 'policy-pages')
    await dialog.getByRole('button', { name: /^Make \d pages$/ }).click()
    await page.getByText(/^\d drafts made$/).waitFor()
    await page.getByRole('link', { name: 'Mentions légales' }).waitFor()
    const { items } = await api<{ items: { slug: string, drafts: { language: string, markdown: string, highlights: unknown[] }[] }[] }>('GET', '/admin/policies')
    const draftsOf = (wanted: string) => items.find(({ slug }) => slug === wanted)!.drafts
    expect(draftsOf('imprint')).toMatchObject([
      {
        language: 'fr',
        markdown: expect.stringContaining('{{organisation}}'),
      },
    ])
    expect(draftsOf('cookies')[0]!.highlights.length).toBeGreaterThan(0)
    await context.close()
    expect(faults).toEqual([])
  })
})
