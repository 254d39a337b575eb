import type { Browser } from 'playwright-core'
import type { OwnInstance } from './instance.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible, launchBrowser, screenshot, signIn, visit } from './harness.ts'
import { setUpInstance } from './instance.ts'
import { startOwnInstance } from './stage.ts'

let instance: OwnInstance
let browser: Browser

beforeAll(async () => {
  instance = await startOwnInstance({ PUBLIC_URL: 'https://files.northwind.example' })
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  await instance?.stop()
})

describe('the operator of a server that is https to the world', () => {
  it('is told when the browser is elsewhere, and may sign in there all the same', async () => {
    const person = { name: 'Robin Keller', email: 'robin@northwind.example', password: 'a long walk by the canal' }
    await setUpInstance(instance, person)
    const { context, page, faults } = await visit(browser, instance)
    // The session's cookie is Secure here, which a browser keeps for localhost.
    await signIn(page, person, '/admin/settings')
    await page.getByText(`Links and invitations begin with https://files.northwind.example, but you are at ${instance.url}.`).first().waitFor()
    await expectAccessible(page, 'the warning')
    await screenshot(page, 'public-address-https')
    await context.close()
    expect(faults).toEqual([])
  })
})
