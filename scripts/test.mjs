import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { ensureInstalled, ensureWebBuilt, fail, localNode, requireNode, root, run, toolEnvironment } from './toolchain.mjs'

/**
 * `npm test`: every check and every suite, one after another, and their count as the last line.
 * `--only types,lint` runs some. CI=true makes a missing tool a failure instead of a skipped test.
 */
const strict = process.env.CI === 'true'
const MINUTE = 60_000
const STEP_TIMEOUT = 30 * MINUTE

/** A step has checks, which pass or fail whole, or a suite: a folder with a vitest.config.ts. */
const steps = [
  {
    name: 'types',
    checks: [
      ['tsc', '-p', 'server'],
      [
        'vue-tsc',
        '--noEmit',
        '-p',
        'web/tsconfig.json',
      ],
      [
        'vue-tsc',
        '--noEmit',
        '-p',
        'web/tsconfig.node.json',
      ],
    ],
  },
  {
    name: 'lint',
    checks: [
      [
        'eslint',
        '.',
        '--cache',
        '--cache-strategy',
        'content',
        '--cache-location',
        '.cache/eslint',
        '--max-warnings',
        '0',
      ],
    ],
  },
  {
    name: 'contract',
    checks: [
      ['node', 'scripts/openapi.ts', '--check'],
    ],
  },
  {
    name: 'server',
    suite: 'server',
    temporary: fastFolder(),
    wants: [minio, caddy],
  },
  {
    name: 's3', // what moves bytes, once more with the store on MinIO
    suite: 'server',
    files: ['src/features/uploads', 'src/features/objects'],
    settings: { TEST_STORAGE: 's3' },
    temporary: fastFolder(),
    needs: [minio],
  },
  { name: 'web', suite: 'web' },
  { name: 'acceptance', suite: 'server/acceptance', built: true },
  {
    name: 'on MinIO',
    suite: 'server/acceptance',
    built: true,
    needs: [minio],
    // Five gigabytes went through the other store.
    settings: {
      ACCEPTANCE_STORE: 's3',
      ACCEPTANCE_BIG_BYTES: String(2 ** 30 + 12_345),
    },
  },
  {
    name: 'browser',
    suite: 'web/e2e',
    built: true,
    needs: [chromium],
  },
]

requireNode()
const chosen = chooseSteps()
await ensureInstalled()
const scratch = mkdtempSync(join(tmpdir(), 'clientshare-results-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
const env = {
  ...toolEnvironment(),
  NODE_ENV: 'test',
}
const total = { passed: 0, failed: 0, skipped: 0 }
const summary = []
/** Said again at the end, where a cut-off log still has it. */
const failures = []
/** Of each suite's file: how long it took. */
const files = []

let built
for (const step of chosen) {
  console.log(`\n=== ${step.name} ===`)
  const start = Date.now()
  const counts = await runStep(step)
  for (const key of Object.keys(total)) total[key] += counts[key]
  summary.push(`${step.name.padEnd(12)}${String(counts.passed).padStart(6)} passed ${String(counts.failed).padStart(4)} failed ${String(counts.skipped).padStart(4)} skipped  ${((Date.now() - start) / 1000).toFixed(1).padStart(7)} s`)
}
process.exitCode = total.failed > 0
  ? 1
  : 0
if (files.length > 0) {
  console.log(`\nThe slowest files:`)
  for (const { name, ms } of files.sort((a, b) => b.ms - a.ms).slice(0, 20)) console.log(`${(ms / 1000).toFixed(1).padStart(7)} s  ${name}`)
}
for (const failure of failures) console.log(`\nFAILED ${failure}`)
console.log(`\n${summary.join('\n')}\n\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)

function chooseSteps() {
  const at = process.argv.indexOf('--only')
  if (at < 0) return steps
  const names = (process.argv[at + 1] ?? '').split(',')
  const unknown = names.find(name => !steps.some(step => step.name === name))
  if (unknown !== undefined) fail(`There is no step "${unknown}". Steps: ${steps.map(step => step.name).join(', ')}.`)
  return steps.filter(step => names.includes(step.name))
}

async function runStep(step) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const [command, ...args] of step.checks ?? []) {
    console.log(`${command} ${args.join(' ')}`)
    const code = command === 'node'
      ? await run(localNode(), args, { env, timeout: STEP_TIMEOUT })
      : await run(join(root, 'node_modules/.bin', command), args, { env, timeout: STEP_TIMEOUT, shell: process.platform === 'win32' })
    counts[code === 0
      ? 'passed'
      : 'failed']++
    if (code !== 0) failures.push(`${step.name}: ${command} ${args.join(' ')}`)
  }
  if (!step.suite) return counts

  const found = {}
  for (const need of [
    ...step.needs ?? [],
    ...step.wants ?? [],
  ]) {
    const { missing, ...values } = need()
    Object.assign(found, values)
    if (!missing) continue
    console.error(`\n!!! ${strict ? 'FAILED' : 'SKIPPED'}: ${step.name}: ${missing}\n`)
    counts[strict ? 'failed' : 'skipped']++
    if (strict) failures.push(`${step.name}: ${missing}`)
    if (step.needs?.includes(need)) return counts
  }
  if (step.built) built ??= ensureWebBuilt({ orFail: false })
  if (step.built && !await built) {
    console.error(`FAILED: ${step.name}: it needs the web app, which could not be built.`)
    failures.push(`${step.name}: the web app could not be built`)
    counts.failed++
    return counts
  }
  const suite = await runSuite(step, {
    ...env,
    ...found,
    ...step.settings,
    ...(step.temporary
      ? { TMPDIR: step.temporary }
      : {}),
  })
  for (const key of Object.keys(counts)) counts[key] += suite[key]
  return counts
}

async function runSuite(step, env) {
  const folder = join(root, step.suite)
  if (!existsSync(join(folder, 'vitest.config.ts'))) {
    failures.push(`${step.name}: there is no ${step.suite}/vitest.config.ts`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const results = join(scratch, `${step.name}.json`)
  const code = await run(localNode(), [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...step.files ?? [],
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
  ], { cwd: folder, env, timeout: STEP_TIMEOUT })
  if (!existsSync(results)) {
    failures.push(`${step.name}: the suite ended with code ${code} and no results`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(readFileSync(results, 'utf8'))
  failures.push(...failuresOf(step, testResults))
  files.push(...testResults.map(file => ({ name: `${step.name}: ${relative(root, file.name)}`, ms: file.endTime - file.startTime })))
  // A file that does not load, a failed hook, an unhandled rejection: no test of its own, and yet a failure.
  const failed = code !== 0 && numFailedTests === 0
    ? 1
    : numFailedTests
  return { passed, failed, skipped: numPendingTests + numTodoTests }
}

/** What failed, by file and name, with the beginning of its message. */
function failuresOf(step, files) {
  return files.filter(file => file.status === 'failed').flatMap((file) => {
    const name = relative(root, file.name)
    const tests = file.assertionResults.filter(test => test.status === 'failed')
    if (tests.length === 0) return [`${step.name}: ${name}\n${beginning(file.message)}`]
    return tests.map(test => `${step.name}: ${name}: ${test.fullName}\n${beginning(test.failureMessages.join('\n'))}`)
  })
}

function beginning(message = '') {
  return message.split('\n').slice(0, 12).join('\n')
}

/** For the browser step: CHROMIUM_PATH, or a Chromium or Chrome where systems put it. */
function chromium() {
  const names = [
    'chromium',
    'chromium-browser',
    'google-chrome-stable',
    'google-chrome',
  ]
  const path = process.env.CHROMIUM_PATH
    || names.map(name => `/usr/bin/${name}`).find(file => existsSync(file))
    || ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'].find(file => existsSync(file))
  if (path && spawnSync(path, ['--version'], { timeout: MINUTE }).status === 0) return { CHROMIUM_PATH: path }
  return {
    missing: path
      ? `${path} does not run.`
      : 'there is no Chromium: install one (apt-get install chromium) or set CHROMIUM_PATH.',
  }
}

/** Hundreds of databases and stores are made and thrown away: in memory, where the system has a folder there with room enough. */
function fastFolder() {
  const folder = '/dev/shm'
  if (process.env.TMPDIR || !existsSync(folder)) return undefined
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize > 8 * 2 ** 30
    ? folder
    : undefined
}

/** For all that runs on S3: MINIO_BINARY, a real MinIO server. */
function minio() {
  const path = process.env.MINIO_BINARY
  if (path && existsSync(path)) return { MINIO_BINARY: path }
  return {
    missing: path
      ? `MINIO_BINARY ${path} does not exist.`
      : 'MINIO_BINARY is not set: nothing is tried on MinIO.',
  }
}

/** For downloads that the bundled proxy sends: CADDY_BINARY, or a Caddy on the PATH. */
function caddy() {
  const path = process.env.CADDY_BINARY || 'caddy'
  if (spawnSync(path, ['version'], { timeout: MINUTE }).status === 0) return { CADDY_BINARY: path }
  return {
    missing: process.env.CADDY_BINARY
      ? `CADDY_BINARY ${path} does not run.`
      : 'there is no Caddy: install one (apt-get install caddy) or set CADDY_BINARY. Downloads sent by the proxy are not tried.',
  }
}
