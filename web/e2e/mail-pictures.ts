// node web/e2e/mail-pictures.ts [FOLDER]: five mails, as their templates make them of sample data, in both themes and languages. Without a folder, those of
// docs/mails.md. With `--all` every mail, at a phone's width too.
import { Buffer } from 'node:buffer'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { mailLanguages, sampleIn } from '../../server/src/mail/define-mail.ts'
import { renderMail } from '../../server/src/mail/render-mail.ts'
import { mailDefinitions } from '../../server/src/mails.ts'
import { launchBrowser } from './harness.ts'

const all = process.argv.includes('--all')
const folder = process.argv.slice(2).find(each => !each.startsWith('--')) ?? fileURLToPath(new URL('../../docs/images/mails/', import.meta.url))
const shown = [
  'members.invitation',
  'users.password-reset',
  'notifications.news',
  'notifications.account',
  'users.email-changed',
]
const names = all
  ? [
      ...mailDefinitions.keys(),
    ]
  : shown
const widths = all
  ? [640, 360]
  : [640]
mkdirSync(folder, { recursive: true })

const browser = await launchBrowser()
try {
  for (const width of widths) {
    const page = await browser.newPage({
      viewport: { width, height: 200 },
      deviceScaleFactor: 1.5,
    })
    const chromium = await page.context().newCDPSession(page)
    for (const name of names) {
      for (const language of mailLanguages) {
        const definition = mailDefinitions.get(name)!
        const { html } = renderMail(definition, {
          ...sampleIn(definition, language),
          language,
          sender: 'Borealis',
          publicUrl: 'https://files.example.com',
        })
        await page.setContent(html)
        for (const theme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme: theme })
          const { height } = (await page.locator('body').boundingBox())!
          // Playwright makes no WebP, which has a third of a PNG's bytes.
          const { data } = await chromium.send('Page.captureScreenshot', {
            format: 'webp',
            quality: 90,
            captureBeyondViewport: true,
            clip: { x: 0, y: 0, width, height, scale: 1 },
          })
          const file = [
            name.split('.').at(-1),
            language,
            theme,
            ...width === 640
              ? []
              : [width],
          ].join('-')
          writeFileSync(join(folder, `${file}.webp`), Buffer.from(data, 'base64'))
        }
      }
    }
    await page.close()
  }
}
finally {
  await browser.close()
}
