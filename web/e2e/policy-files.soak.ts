import type { Browser } from 'playwright-core'
import type { OwnInstance } from './instance.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enter, expectGood, launchBrowser, portray, visit } from './harness.ts'
import { setUpInstance } from './instance.ts'
import { startOwnInstance } from './stage.ts'

let instance: OwnInstance
let browser: Browser
const folder = mkdtempSync(join(tmpdir(), 'policy-files-'))
const person = { name: 'Robin Keller', email: 'robin@northwind.example', password: 'a long walk by the canal' }

beforeAll(async () => {
  const head = (kind: string, title: string, language = 'en') => `---\nkind: ${kind}\nlanguage: ${language}\ntitle: ${title}\neffective: 2026-01-01\n---\n`
  writeFileSync(join(folder, 'privacy.en.md'), `${head('privacy', 'Privacy policy')}\n# What we keep\n\nSessions end after {{session.idle}}.\n`)
  writeFileSync(join(folder, 'privacy.de.md'), `${head('privacy', 'Datenschutz', 'de')}\n# Was wir aufbewahren\n\nSitzungen enden nach {{session.idle}}.\n`)
  writeFileSync(join(folder, 'terms.md'), `${head('terms', 'Terms of use')}\nWe know {{nobody.knows}}.\n`)
  writeFileSync(join(folder, 'imprint.md'), head('law', 'Imprint'))
  instance = await startOwnInstance({ POLICIES_DIR: folder })
  browser = await launchBrowser()
  await setUpInstance(instance, person)
})

afterAll(async () => {
  await browser?.close()
  await instance?.stop()
  rmSync(folder, { recursive: true })
})

describe('policies from files', () => {
  it.each(['en', 'de'])('say where they come from and what is wrong, and are not edited (%s)', async (locale) => {
    const { context, page, faults } = await visit(browser, instance, { locale })
    await enter(page, person, '/admin/policies')
    const problems = page.getByRole('alert')
    await problems.getByText('There is no fact {{nobody.knows}}').waitFor()
    const line = locale === 'de'
      ? 'Zeile'
      : 'line'
    expect(await problems.getByRole('listitem').allTextContents()).toEqual([
      expect.stringContaining(`imprint.md · ${line} 2kind has to be one of`),
      `imprint.md · ${line} 6There is no text below the front matter.`,
      `terms.md · ${line} 8There is no fact {{nobody.knows}}.`,
    ])
    await expectGood(page, `policies-from-files-${locale}`)
    await portray(page, `policies-from-files-${locale}`)
    await page.getByRole('link', { name: /Privacy policy|Datenschutz/ }).first().click()
    await page.getByText(`${folder}/privacy.de.md`).waitFor()
    await page.getByText(/Sessions end after|Sitzungen enden nach/).first().waitFor()
    for (const field of await page.getByRole('textbox').all()) expect(await field.isEditable()).toBe(false)
    expect(await page.getByRole('button', { name: /^(Publish|Veröffentlichen)/ }).count()).toBe(0)
    await expectGood(page, `policy-from-file-${locale}`)
    await portray(page, `policy-from-file-${locale}`)
    await context.close()
    expect(faults).toEqual([])
  })
})
