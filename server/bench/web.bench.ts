import type { Subject } from './subject.ts'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { findFreePort } from '../../scripts/lib/free-port.ts'
import { operator } from '../acceptance/support/api-client.ts'
import { median } from './measure.ts'

/** No dependency of the project: nobody else needs it, and it is larger than what does. */
const LIGHTHOUSE = 'lighthouse@12.2.3'
const RUNS = 5
const categories = [
  'performance',
  'accessibility',
  'best-practices',
  'seo',
] as const

interface Report {
  categories: Record<string, { score: number }>
  audits: Record<string, { numericValue?: number, details?: { items: { transferSize?: number }[] } }>
}

/**
 * Lighthouse on the pages that people meet first, as on a slow phone: medians in hundredths, with the requests and bytes of the first load.
 * `is-crawlable` is left out of the link's: its address is a secret, which no search engine is to know.
 * @returns a table
 */
export async function benchWeb({ server, api, workspaceId, uploadWhole }: Subject): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'clientshare-lighthouse-'))
  const port = await findFreePort()
  const file = await uploadWhole(1_000_000, Buffer.alloc(1_000_000, 'figures '))
  const link = await api.must('POST', `/workspaces/${workspaceId}/links`, {
    body: {
      itemIds: [file],
    },
  })
  const policy = await api.must('POST', '/admin/policies', {
    body: {
      kind: 'privacy',
      slug: 'privacy',
      title: 'Privacy policy',
      markdown: Array.from({ length: 20 }, (_, n) => `## Part ${n + 1}\n\nWhat is kept, why, and for how long.`).join('\n\n'),
    },
  })
  await api.must('POST', `/admin/policies/${policy.id}/publish`, {
    body: {
      effectiveOn: new Date().toISOString().slice(0, 10),
    },
  })
  const { slug } = await api.must('GET', `/workspaces/${workspaceId}`)
  const browser = await chromium.launchPersistentContext(join(scratch, 'profile'), {
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', `--remote-debugging-port=${port}`],
  })
  try {
    const page = await browser.newPage()
    const visits: [string, string, string[]][] = [
      ['sign-in', '/login', []],
      [
        'link',
        new URL(link.url).pathname,
        ['--skip-audits=is-crawlable'],
      ],
      ['policy', '/policies/privacy', []],
      ['files', `/w/${slug}/files`, []],
    ]
    const rows: string[] = []
    for (const [name, path, flags] of visits) {
      if (name === 'files') {
        await page.goto(`${server.url}/login`)
        await page.getByLabel('E-mail').fill(operator.email)
        await page.getByLabel('Password', { exact: true }).fill(operator.password)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.waitForURL(url => url.pathname !== '/login')
      }
      const reports: Report[] = []
      for (let run = 0; run < RUNS; run++) {
        const out = join(scratch, 'report.json')
        await promisify(execFile)('npm', [
          'exec',
          '--yes',
          `--package=${LIGHTHOUSE}`,
          '--',
          'lighthouse',
          `${server.url}${path}`,
          `--port=${port}`,
          '--disable-storage-reset',
          '--quiet',
          '--output=json',
          `--output-path=${out}`,
          `--only-categories=${categories.join(',')}`,
          ...flags,
        ], { timeout: 300_000 })
        reports.push(JSON.parse(readFileSync(out, 'utf8')) as Report)
      }
      const requests = reports.map(({ audits }) => audits['network-requests']?.details?.items ?? [])
      rows.push(`| ${[
        name,
        ...categories.map(category => Math.round(median(reports.map(report => report.categories[category]!.score)) * 100)),
        median(reports.map(({ audits }) => audits['cumulative-layout-shift']?.numericValue ?? Number.NaN)).toFixed(3),
        Math.round(median(reports.map(({ audits }) => audits['largest-contentful-paint']?.numericValue ?? Number.NaN))),
        median(requests.map(({ length }) => length)),
        Math.round(median(requests.map(items => items.reduce((sum, { transferSize = 0 }) => sum + transferSize, 0))) / 1024),
      ].join(' | ')} |`)
      process.stdout.write(`${rows.at(-1)}\n`)
    }
    return `| page | ${categories.join(' | ')} | layout shift | largest paint, ms | requests | KiB |\n|${'---|'.repeat(categories.length + 5)}\n${rows.join('\n')}\n`
  }
  finally {
    await browser.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}
