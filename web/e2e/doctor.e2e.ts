import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import type { Visit } from './harness.ts'
import type { Instance, Person } from './instance.ts'
import type { Stage } from './stage.ts'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { soakDescribe, soakIt } from '../../server/test/soak.ts'
import { enter, expectAccessible, expectGood, expectReflow, launchBrowser, phone, portray, visit } from './harness.ts'
import { setUpInstance } from './instance.ts'
import { openOwnStage, startOwnInstance } from './stage.ts'

const visits: Visit[] = []

/** The page of whoever runs the server, by the address that `instance.url` says. */
async function open(browser: Browser, instance: Instance, person: Person, options?: Parameters<typeof visit>[2]): Promise<Page> {
  const visitor = await visit(browser, instance, options)
  visits.push(visitor)
  await enter(visitor.page, person, '/admin/doctor')
  return visitor.page
}

afterEach(async () => {
  for (const { context, faults } of visits.splice(0)) {
    await context.close()
    expect(faults).toEqual([])
  }
})

/** What is found, as `subject: health`. */
const healths = (page: Page) => page.locator('li[data-health]').evaluateAll(rows => rows.map(row => `${row.querySelector('p')!.firstChild!.textContent!.trim()}: ${(row as HTMLElement).dataset.health}`))
const row = (page: Page, subject: string) => page.getByRole('listitem').filter({
  hasText: new RegExp(`^\\s*${subject}`),
})

describe('the doctor of a server that is as it should be', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openOwnStage()
  })
  afterAll(() => stage?.close())

  it('checks when it is told to, finds what is well, and keeps it for the next visit, in each language', async () => {
    const { browser, instance, owner } = stage
    const page = await open(browser, instance, owner)
    await page.getByText('Not checked yet').waitFor()
    await page.getByText(/The command “.+ doctor” finds the same/).waitFor()
    await row(page, 'Large bodies').getByText('has not been tried yet').waitFor()
    await expectGood(page, 'doctor-unchecked')

    await page.getByRole('button', { name: 'Check now' }).click()
    await row(page, 'Public address').getByText(`Links begin with ${instance.url}`).waitFor()
    await page.getByText(/^Checked /).waitFor()
    await row(page, 'Large bodies').getByText(/A part of an upload \(16\.8 MB\) gets through/).waitFor()
    await row(page, 'Your address').getByText('You come from 127.0.0.1').waitFor()
    const found = await healths(page)
    expect(found).toEqual(expect.arrayContaining([
      'Settings: well',
      'Database: well',
      'Servers: well',
      'Backups: doubtful',
      'Store: well',
      'Address of this page: well',
      'Your address: well',
      'Large bodies: well',
      'Slow answers: open',
    ]))
    expect(found.filter(each => each.endsWith('broken'))).toEqual([])
    await expectGood(page, 'doctor')
    await expectReflow(page)

    // Where it sends no mail, the outbox leads to what has to be set.
    await page.goto('/admin/mail')
    await page.getByRole('link', { name: 'Mail settings' }).click()
    await page.waitForURL('**/admin/mail?view=settings')
    await page.goto('/admin/mail')
    await page.getByText('This server sends no mail').waitFor()
    await expectAccessible(page, 'the outbox without mail')
    await portray(page, 'mail-unset')

    const german = await open(browser, instance, owner, { locale: 'de-DE', viewport: phone })
    await german.getByRole('heading', { name: 'Prüfung' }).waitFor()
    await german.getByText('Ein Ort für Sicherungen ist nicht gesetzt (BACKUP_TO).').waitFor()
    await german.getByText(/^Geprüft /).waitFor()
    await expectAccessible(german, 'the doctor in German')
    await portray(german, 'doctor-german')
  })

  soakIt('stops waiting for a slow answer when it is told to', async () => {
    const page = await open(stage.browser, stage.instance, stage.owner)
    await page.getByRole('button', { name: 'Wait 65 seconds' }).click()
    await row(page, 'Slow answers').getByText(/Nothing was sent for \d+ of 65 seconds/).waitFor()
    await expectAccessible(page, 'the doctor while it waits')
    await portray(page, 'doctor-waiting')
    await page.getByRole('button', { name: 'Stop waiting' }).click()
    await row(page, 'Slow answers').getByText('has not been tried yet').waitFor()
  })

  // Takes as long as proxies wait.
  soakIt('finds that a slow answer is waited for', async () => {
    const page = await open(stage.browser, stage.instance, stage.owner)
    await page.getByRole('button', { name: 'Wait 65 seconds' }).click()
    await expect.poll(() => row(page, 'Slow answers').getAttribute('data-health'), { timeout: 300_000 }).toBe('well')
  })
})

soakDescribe('the doctor of a server behind a proxy that is not set up for it', () => {
  it('says what to change, each in a sentence', async () => {
    const stranger = await serve((_request, response) => void response.end('<h1>It works!</h1>'))
    const instance = await startOwnInstance({ PUBLIC_URL: stranger, TRUSTED_PROXIES: '192.0.2.1' })
    onTestFinished(() => instance.stop())
    const { hostname, port } = new URL(instance.url)
    const proxy = await serve((asked, response) => {
      if (Number(asked.headers['content-length'] ?? 0) > 1_000_000) {
        asked.resume().on('end', () => response.writeHead(413, { 'content-type': 'text/html' }).end('<h1>413 Request Entity Too Large</h1>'))
      }
      else if (asked.url!.includes('/silence')) {
        response.writeHead(504, { 'content-type': 'text/html' }).end('<h1>504 Gateway Time-out</h1>')
      }
      else {
        const onward = request({
          hostname,
          port,
          method: asked.method,
          path: asked.url,
          headers: { ...asked.headers, 'x-forwarded-for': '203.0.113.9' },
        }, answer => answer.pipe(response.writeHead(answer.statusCode!, answer.headers)))
        onward.on('error', () => response.destroy())
        response.on('close', () => onward.destroy())
        asked.pipe(onward)
      }
    })
    const person = { name: 'Robin Keller', email: 'robin@northwind.example', password: 'a long walk by the canal' }
    await setUpInstance(instance, person)
    const browser = await launchBrowser()
    onTestFinished(() => browser.close())
    const page = await open(browser, { ...instance, url: proxy }, person)
    await row(page, 'Address of this page').getByText(`set PUBLIC_URL=${proxy} and restart the server`).waitFor()
    await row(page, 'Your address').getByText('add 127.0.0.1 to TRUSTED_PROXIES').waitFor()
    await page.getByRole('button', { name: 'Check now' }).click()
    await row(page, 'Public address').getByText(`What answers at ${stranger} (status 200) is not ClientShare. Check PUBLIC_URL`).waitFor()
    await row(page, 'Large bodies').getByText('with the status 413: larger uploads fail. Raise its limit: nginx client_max_body_size 0').waitFor()
    await page.getByRole('button', { name: 'Wait 65 seconds' }).click()
    await row(page, 'Slow answers').getByText('(status 504). Let it wait longer: nginx proxy_read_timeout').waitFor()
    await page.getByText('One thing is broken').waitFor()
    await expectGood(page, 'doctor-broken')
    await portray(page, 'doctor-broken')
  })
})

/** A server of its own on a free port; it ends with the test. @returns its address */
async function serve(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(answer as NonNullable<typeof answer>).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}
