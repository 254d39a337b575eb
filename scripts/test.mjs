import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { gate, soak } from './test/steps.mjs'
import { ensureClient, ensureInstalled, ensureWebBuilt, fail, localNode, requireNode, root, run, toolEnvironment } from './toolchain.mjs'

/**
 * `npm test`: the gate, what every change must pass. `npm run test:soak`: the proof, which takes long. `-- --only types,lint` runs some
 * steps, and what follows another `--` chooses files: `-- --only server -- src/features/audit`. The last line is the count. CI=true makes
 * a missing tool a failure instead of a skipped test.
 */
const strict = process.env.CI === 'true'
const SLOW_MS = 2000

requireNode()
const { steps, isSoak, filters } = chooseSteps()
const STEP_TIMEOUT = (isSoak
  ? 120
  : 30) * 60_000
// Steps wait for processes and disks most of the time: two share the machine. The soak's are heavy, and some measure memory.
const atOnce = isSoak || steps.length === 1
  ? 1
  : Math.min(2, availableParallelism())
await ensureInstalled()
await ensureClient()
const scratch = mkdtempSync(join(tmpdir(), 'clientshare-results-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
const env = {
  ...toolEnvironment(),
  NODE_ENV: 'test',
  // Dozens of processes load the same modules.
  NODE_COMPILE_CACHE: join(root, '.cache/node'),
  ...(process.stdout.isTTY
    ? { FORCE_COLOR: '1' }
    : {}),
  ...(isSoak
    ? soakSettings()
    : {}),
}

const results = []
const begun = Date.now()
let built
const waiting = [...steps]
await Promise.all(Array.from({ length: atOnce }, async () => {
  for (let step = waiting.shift(); step; step = waiting.shift()) results.push(await runStep(step))
}))
const passed = printSummary()
process.exitCode = passed
  ? 0
  : 1

function chooseSteps() {
  const [own, filters] = splitAt(process.argv.slice(2), '--')
  const isSoak = own.includes('--soak')
  const all = isSoak
    ? soak
    : gate
  const at = own.indexOf('--only')
  const unknownOption = own.find((argument, index) => argument !== '--soak' && argument !== '--only' && (at < 0 || index !== at + 1))
  if (unknownOption !== undefined) fail(`"${unknownOption}" is not understood. Use --only with names of steps, and -- before parts of files' names.`)
  if (at < 0 && filters.length > 0) fail('Say with --only which step the files are of.')
  if (at < 0) return { steps: all, isSoak, filters }
  const names = (own[at + 1] ?? '').split(',')
  const unknown = names.find(name => !all.some(step => step.name === name))
  if (unknown !== undefined) fail(`There is no step "${unknown}". Steps: ${all.map(step => step.name).join(', ')}.`)
  return {
    steps: all.filter(step => names.includes(step.name)),
    isSoak,
    filters,
  }
}

function splitAt(list, separator) {
  const at = list.indexOf(separator)
  return at < 0
    ? [list, []]
    : [
        list.slice(0, at),
        list.slice(at + 1),
      ]
}

/** The gate's seeds are fixed: what it says of a change, it says of the change. */
function soakSettings() {
  const FAULT_SEED = process.env.FAULT_SEED || String(Date.now() % 2 ** 31)
  console.log(`FAULT_SEED=${FAULT_SEED}`)
  return { SOAK: 'true', FAULT_SEED }
}

/** Does a step and prints what it said: at once when it is alone, whole at its end when others run beside it. */
async function runStep(step) {
  const start = Date.now()
  const result = {
    name: step.name,
    passed: 0,
    failed: 0,
    skipped: 0,
    failures: [],
    files: [],
    slow: [],
  }
  const log = join(scratch, `${step.name}.log`)
  const output = atOnce > 1
    ? openSync(log, 'a')
    : undefined
  const say = text => output === undefined
    ? console.log(text)
    : writeSync(output, `${text}\n`)
  console.log(output === undefined
    ? `\n=== ${step.name} ===`
    : `… ${step.name}`)
  const { missing, settings } = findNeeds(step, result, say)
  if (!missing) {
    for (const check of step.checks ?? []) await runCheck(check, { step, result, say, output })
    for (const [n, suite] of (step.runs ?? []).entries()) {
      await runSuite(suite, {
        step,
        result,
        say,
        output,
        results: join(scratch, `${step.name} ${n}.json`),
      })
    }
    if (step.counted) await runCounted(step.counted, { step, result, say, settings })
  }
  result.ms = Date.now() - start
  if (output !== undefined) {
    closeSync(output)
    process.stdout.write(`\n=== ${step.name} ===\n${readFileSync(log, 'utf8')}`)
    console.log(`=== ${step.name}: ${countsOf(result)}, ${seconds(result.ms)} s ===`)
  }
  return result
}

/** @returns what its needs were found at; missing: it cannot run */
function findNeeds({ needs = [], wants = [] }, result, say) {
  const settings = {}
  let missing = false
  for (const need of [
    ...needs,
    ...wants,
  ]) {
    const { missing: reason, ...values } = need()
    Object.assign(settings, values)
    if (!reason) continue
    missing ||= needs.includes(need)
    say(`\n!!! ${strict ? 'FAILED' : 'SKIPPED'}: ${result.name}: ${reason}\n`)
    result[strict ? 'failed' : 'skipped']++
    if (strict) result.failures.push(`${result.name}: ${reason}`)
  }
  return { missing, settings }
}

async function runCheck([command, ...args], { result, say, output }) {
  say(`${command} ${args.join(' ')}`)
  const program = command === 'node'
    ? localNode()
    : join(root, 'node_modules/.bin', command)
  const code = await run(program, args, {
    env,
    output,
    timeout: STEP_TIMEOUT,
    shell: command !== 'node' && process.platform === 'win32',
  })
  result[code === 0
    ? 'passed'
    : 'failed']++
  if (code !== 0) result.failures.push(`${result.name}: ${command} ${args.join(' ')}`)
}

/** A program whose last line is its count, as this one's is. */
async function runCounted([, ...args], { result, settings }) {
  const log = join(scratch, `${result.name} counted.log`)
  const output = openSync(log, 'a')
  const code = await run(localNode(), args, {
    env: {
      ...env,
      ...settings,
    },
    output,
    timeout: STEP_TIMEOUT,
  })
  closeSync(output)
  const text = readFileSync(log, 'utf8')
  process.stdout.write(text)
  const count = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(text)
  if (!count) {
    result.failed++
    result.failures.push(`${result.name}: it ended with code ${code} and no count`)
    return
  }
  result.passed += Number(count[1])
  result.failed += Number(count[2])
  result.skipped += Number(count[3])
  if (Number(count[2]) > 0) result.failures.push(`${result.name}: ${args.join(' ')}`)
}

async function runSuite(suite, { step, result, say, output, results }) {
  const { missing, settings } = findNeeds(suite, result, say)
  if (missing) return
  const failed = (why) => {
    say(`FAILED: ${step.name}: ${why}`)
    result.failures.push(`${step.name}: ${why}`)
    result.failed++
  }
  if (suite.built && !await buildWeb()) return failed('it needs the web app, which could not be built')
  const folder = join(root, suite.suite)
  if (!existsSync(join(folder, 'vitest.config.ts'))) return failed(`there is no ${suite.suite}/vitest.config.ts`)
  const chosen = filters.length > 0
    ? filters
    : suite.files ?? []
  const code = await run(localNode(), [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...chosen,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
  ], {
    cwd: folder,
    env: {
      ...env,
      ...settings,
      ...suite.settings,
      ...(suite.temporary
        ? { TMPDIR: suite.temporary }
        : {}),
    },
    output,
    timeout: STEP_TIMEOUT,
  })
  if (!existsSync(results)) return failed(`the suite ended with code ${code} and no results`)
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(readFileSync(results, 'utf8'))
  const unmatched = chosen.find(part => !testResults.some(({ name }) => name.includes(part)))
  if (unmatched !== undefined) failed(`no file's name contains "${unmatched}"`)
  result.failures.push(...failuresOf(step, testResults))
  result.files.push(...testResults.map(file => ({ name: `${step.name}: ${relative(root, file.name)}`, ms: file.endTime - file.startTime })))
  result.slow.push(...testResults.flatMap(file => file.assertionResults.filter(test => test.duration > SLOW_MS).map(test => ({ name: `${step.name}: ${relative(root, file.name)}: ${test.fullName}`, ms: test.duration }))))
  result.passed += numPassedTests
  result.skipped += numPendingTests + numTodoTests
  // A file that does not load, a failed hook, an unhandled rejection: no test of its own, and yet a failure.
  result.failed += code !== 0 && numFailedTests === 0
    ? 1
    : numFailedTests
  if (code !== 0 && numFailedTests === 0) result.failures.push(`${step.name}: vitest ended with ${code}`)
}

function buildWeb() {
  built ??= ensureWebBuilt({ orFail: false })
  return built
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

/** What failed is said again at the end, where a cut-off log still has it. @returns whether nothing did */
function printSummary() {
  printSlowest('The slowest files', results.flatMap(({ files }) => files))
  printSlowest(`The slowest tests of more than ${SLOW_MS / 1000} s`, results.flatMap(({ slow }) => slow))
  for (const failure of results.flatMap(({ failures }) => failures)) console.log(`\nFAILED ${failure}`)
  const sum = key => results.reduce((all, result) => all + result[key], 0)
  const elapsed = Date.now() - begun
  console.log('')
  for (const result of steps.map(step => results.find(({ name }) => name === step.name))) {
    const counts = `${String(result.passed).padStart(6)} passed ${String(result.failed).padStart(4)} failed ${String(result.skipped).padStart(4)} skipped`
    console.log(`${result.name.padEnd(12)}${counts}  ${seconds(result.ms).padStart(7)} s ${String(Math.round(100 * result.ms / sum('ms'))).padStart(4)} %`)
  }
  console.log(`${atOnce === 1
    ? 'One after another'
    : `${atOnce} at a time`}: ${seconds(elapsed)} s\n\n${countsOf({
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
  })}`)
  return sum('failed') === 0
}

function printSlowest(title, list) {
  if (list.length === 0) return
  console.log(`\n${title}:`)
  for (const { name, ms } of list.sort((a, b) => b.ms - a.ms).slice(0, 20)) console.log(`${seconds(ms).padStart(7)} s  ${name}`)
}

function countsOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

function seconds(ms) {
  return (ms / 1000).toFixed(1)
}
