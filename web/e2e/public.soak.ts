import type { Stage } from './stage.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { phone, visit } from './harness.ts'
import { openStage } from './stage.ts'

const password = 'blue lantern on the pier'
let stage: Stage

beforeAll(async () => { stage = await openStage('patience') })
afterAll(() => stage?.close())

describe('who guesses at a link', () => {
  it('waits in real time for as long as the server says, and then gets in', async () => {
    const file = await stage.upload(stage.rootId, 'Report Q3.pdf', Buffer.from('figures'))
    const link = await stage.share({
      itemIds: [file],
      password,
    })
    const { context, page, faults } = await visit(stage.browser, stage.instance, { viewport: phone })
    await page.goto(link)
    const field = page.getByLabel('Password', { exact: true })
    const wait = page.getByRole('timer')
    let told = 0
    while (told < 8) {
      await wait.waitFor({ state: 'hidden' })
      await field.fill('a wrong guess')
      const [answer] = await Promise.all([
        page.waitForResponse(/\/unlock$/),
        field.press('Enter'),
      ])
      if (answer.status() === 429) told = Number(answer.headers()['retry-after'])
      await page.getByRole('alert').getByText(/wrong|Too many/).waitFor()
    }
    await wait.getByText(/Try again in \d+ sec/).waitFor()
    await wait.waitFor({ state: 'hidden' })
    await field.fill(password)
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByText('Robin Keller shared one file').waitFor()
    expect(faults).toEqual([])
    await context.close()
  })
})
