import type { Subject } from './subject.ts'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { findFreePort } from '../../scripts/lib/free-port.ts'
import { operator } from '../acceptance/support/api-client.ts'
import { until } from '../acceptance/support/wait.ts'
import { median } from './measure.ts'

/** No dependency of the project: nobody else needs it, and it is larger than what does. */
const LIGHTHOUSE = 'lighthouse@12.2.3'
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const categories = [
  'performance',
  'accessibility',
  'best-practices',
  'seo',
] as const

const metrics = {
  'first-contentful-paint': 'first paint, ms',
  'speed-index': 'speed index, ms',
  'total-blocking-time': 'blocked, ms',
  'largest-contentful-paint': 'largest paint, ms',
  'cumulative-layout-shift': 'layout shift',
} as const

interface Audit { score: number | null, scoreDisplayMode: string, numericValue?: number, details?: { items?: { transferSize?: number }[] } }
interface Report {
  environment: { benchmarkIndex: number }
  categories: Record<string, { score: number, auditRefs: { id: string }[] }>
  audits: Record<string, Audit>
}

/** Where npm has put the program: asking npm for each run would take longer than some runs. */
async function installLighthouse(): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', [
    'exec',
    '--yes',
    `--package=${LIGHTHOUSE}`,
    '--call',
    'command -v lighthouse',
  ])
  return stdout.trim()
}

/**
 * Lighthouse's measure of a processor, and how often slower than that the phone is for which it stands (a middling one): its default of 4 is for a
 * fast desktop, and would make a far slower phone of a small machine.
 * @see https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md "Calibrating the CPU slowdown", and the calculator it names
 */
const slowdowns: [benchmarkIndex: number, slowdown: number][] = [
  [150, 1],
  [800, 2],
  [1300, 3],
  [2000, 6],
]

/** Straight lines between these; the last one goes on. */
function slowdownFor(benchmarkIndex: number): number {
  const above = slowdowns.findIndex(([index]) => index >= benchmarkIndex)
  const end = Math.max(1, above < 0
    ? slowdowns.length - 1
    : above)
  const [[from, low], [to, high]] = [slowdowns[end - 1]!, slowdowns[end]!]
  return Math.max(1, low + (high - low) * (benchmarkIndex - from) / (to - from))
}

/** What pages fall short in besides their speed. */
const findings = ({ categories, audits }: Report): string[] => Object.entries(categories)
  .filter(([category]) => category !== 'performance')
  .flatMap(([category, { auditRefs }]) => auditRefs
    .filter(({ id }) => audits[id]!.scoreDisplayMode === 'binary' && audits[id]!.score !== 1)
    .map(({ id }) => `${category}: ${id}`))

/**
 * Lighthouse on the pages that people meet first, as on a middling phone with an empty cache: medians in hundredths, with the requests and bytes
 * of the first load. `is-crawlable` is left out of the link's: its address is a secret, which no search engine is to know.
 * @param chosen names of pages; undefined: all of them
 * @param given how often slower than this machine's processor the phone's is; undefined: as Lighthouse's documentation has it
 * @returns a table
 */
export async function benchWeb({ server, api, workspaceId, uploadWhole }: Subject, { pages: chosen, runs = 5, slowdown: given }: { pages?: string[], runs?: number, slowdown?: number } = {}): Promise<string> {
  const lighthouse = await installLighthouse()
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
  const visits: [name: string, path: string, flags: string[]][] = [
    ['sign-in', '/login', []],
    [
      'link',
      new URL(link.url).pathname,
      ['--skip-audits=is-crawlable'],
    ],
    ['policy', '/policies/privacy', []],
    ['files', `/w/${slug}/files`, []],
  ]
  const heads = [
    'page',
    ...categories,
    ...Object.values(metrics),
    'requests',
    'KiB',
  ]
  const rows: string[] = []
  const chromiumProcess = spawn(CHROMIUM, [
    '--headless=new',
    '--no-sandbox',
    '--no-first-run',
    '--disable-extensions',
    '--disable-component-update',
    '--disable-background-networking',
    `--user-data-dir=${join(scratch, 'profile')}`,
    `--remote-debugging-port=${port}`,
  ], { stdio: 'ignore' })
  const ended = once(chromiumProcess, 'exit')
  const devtools = `http://127.0.0.1:${port}`
  async function audit(url: string, flags: string[]): Promise<Report> {
    const out = join(scratch, 'report.json')
    await promisify(execFile)(process.execPath, [
      realpathSync(lighthouse),
      url,
      `--port=${port}`,
      '--disable-full-page-screenshot',
      '--quiet',
      '--output=json',
      `--output-path=${out}`,
      `--only-categories=${categories.join(',')}`,
      ...flags,
    ], { timeout: 300_000 })
    return JSON.parse(readFileSync(out, 'utf8')) as Report
  }
  try {
    await until('Chromium listens', () => fetch(`${devtools}/json/version`).then(({ ok }) => ok, () => false))
    const indexes: number[] = []
    for (let run = 0; run < 3; run++) indexes.push((await audit(`${server.url}/login`, [])).environment.benchmarkIndex)
    const slowdown = given ?? Number(slowdownFor(median(indexes)).toFixed(1))
    const conditions = `Benchmark index ${Math.round(median(indexes))}: the phone's processor is taken as ${slowdown} times slower.`
    process.stdout.write(`${conditions}\n`)
    for (const [name, path, flags] of visits.filter(([name]) => chosen?.includes(name) ?? true)) {
      if (name === 'files') await signIn(devtools, server.url)
      const reports: Report[] = []
      for (let run = 0; run < runs; run++) reports.push(await audit(`${server.url}${path}`, [...flags, `--throttling.cpuSlowdownMultiplier=${slowdown}`]))
      const middle = (value: (report: Report) => number | undefined) => median(reports.map(report => value(report) ?? Number.NaN))
      const loads = (report: Report) => report.audits['network-requests']?.details?.items ?? []
      rows.push(`| ${[
        name,
        ...categories.map(category => Math.round(middle(report => report.categories[category]!.score) * 100)),
        ...Object.keys(metrics).map(id => Number(middle(report => report.audits[id]?.numericValue).toFixed(id === 'cumulative-layout-shift'
          ? 3
          : 0))),
        middle(report => loads(report).length),
        Math.round(middle(report => loads(report).reduce((sum, { transferSize = 0 }) => sum + transferSize, 0)) / 1024),
      ].join(' | ')} |`)
      process.stdout.write(`${rows.at(-1)}\n`)
      for (const finding of new Set(reports.flatMap(findings))) process.stdout.write(`  ${finding}\n`)
    }
    return `${conditions}\n\n| ${heads.join(' | ')} |\n|${'---|'.repeat(heads.length)}\n${rows.join('\n')}\n`
  }
  finally {
    chromiumProcess.kill()
    await ended
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Playwright goes away again: beside Lighthouse, what it does in every page would be measured too. */
async function signIn(devtools: string, url: string): Promise<void> {
  const browser = await chromium.connectOverCDP(devtools)
  const page = await browser.contexts()[0]!.newPage()
  await page.goto(`${url}/login`)
  await page.getByLabel('E-mail').fill(operator.email)
  await page.getByLabel('Password', { exact: true }).fill(operator.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(url => url.pathname !== '/login')
  await page.close()
  await browser.close()
}
