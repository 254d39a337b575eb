import type { Browser, Page } from 'playwright-core'
import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mailLanguages } from '../../server/src/mail/define-mail.ts'
import { renderMail } from '../../server/src/mail/render-mail.ts'
import { mailDefinitions } from '../../server/src/mails.ts'
import { launchBrowser, phone } from './harness.ts'

let browser: Browser
let page: Page

beforeAll(async () => {
  browser = await launchBrowser()
  // axe asks for a page of a context.
  page = await (await browser.newContext({ viewport: phone })).newPage()
})
afterAll(() => browser?.close())

describe.each([
  ...mailDefinitions.values(),
])('the mail $name', (definition) => {
  it.each(mailLanguages)('can be read by everybody in %s, in both themes, on a phone, and asks nobody for anything', async (language) => {
    const asked: string[] = []
    page.on('request', request => asked.push(request.url()))
    const { html } = renderMail(definition, {
      ...definition.sample,
      language,
      sender: 'Donaudampfschifffahrtsgesellschaft & Partner',
      publicUrl: 'https://files.northwind.example',
    })
    await page.setContent(html)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags([
        'wcag2a',
        'wcag2aa',
        'wcag21aa',
        'wcag22aa',
      ]).analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`), colorScheme).toEqual([])
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
    expect(asked).toEqual([])
  })
})
