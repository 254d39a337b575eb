/**
 * What `npm start` and `npm test` share. Plain JavaScript without dependencies: it runs on the Node that is there (20 or newer),
 * before anything is installed; everything else runs on the Node 24 that npm installs.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const windows = process.platform === 'win32'
const installStamp = join(root, 'node_modules/.clientshare-install')
const buildStamp = join(root, 'web/dist/.clientshare-build')
const clientStamp = join(root, 'web/src/api/generated/.clientshare-client')

/** Ends this process with one line. */
export function fail(message, code = 1) {
  console.error(`ClientShare: ${message}`)
  process.exit(code)
}

export function requireNode() {
  if (Number.parseInt(process.versions.node) < 20) fail(`Node 20 or newer is needed to start; this is ${process.version}.`)
}

/** The Node 24 that npm installed. */
export function localNode() {
  const local = windows
    ? join(root, 'node_modules/node/bin/node.exe')
    : join(root, 'node_modules/.bin/node')
  if (existsSync(local)) return local
  if (Number.parseInt(process.versions.node) >= 24) return process.execPath
  return fail('npm did not install Node 24 (are install scripts switched off?). Use Node 24 or newer, or run: npm ci --ignore-scripts=false')
}

/** Installs the packages when the lockfile is not the one that is installed. */
export async function ensureInstalled() {
  const wanted = hash([
    join(root, 'package-lock.json'),
  ], `${process.platform} ${process.arch}`)
  if (readText(installStamp) === wanted) return
  console.log('Installing packages (once, about a minute)…')
  const args = [
    'ci',
    '--include=dev',
    '--prefer-offline', // the lock names each package by its digest: what this machine has of them is asked about no more
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const npm = process.env.npm_execpath
  const code = npm?.endsWith('.js')
    ? await run(process.execPath, [npm, ...args])
    : await run('npm', args, { shell: windows })
  if (code !== 0) fail('The packages could not be installed; npm says above why.')
  writeFileSync(installStamp, wanted)
}

/** Makes the web's API client when it was made from another docs/api/openapi.json, or with other settings. */
export async function ensureClient() {
  const wanted = hash([
    join(root, 'docs/api/openapi.json'),
    join(root, 'web/openapi-ts.config.ts'),
    join(root, 'node_modules/@hey-api/openapi-ts/package.json'),
  ])
  if (readText(clientStamp) === wanted) return
  // What is half made has no stamp.
  rmSync(clientStamp, { force: true })
  const code = await run(localNode(), [
    join(root, 'node_modules/@hey-api/openapi-ts/bin/run.js'),
    '--silent',
    '--no-log-file',
  ], {
    cwd: join(root, 'web'),
  })
  if (code !== 0) fail('The web\'s API client could not be made from docs/api/openapi.json; the reason is above.')
  writeFileSync(clientStamp, wanted)
}

/**
 * Builds the web app, its API client first, when its sources are not the ones that are built.
 * @returns {Promise<boolean>} whether it is built; with `orFail`, this process ends when it is not.
 */
export async function ensureWebBuilt({ orFail = true } = {}) {
  await ensureClient()
  const web = join(root, 'web')
  const sources = listFiles(web, new Set(['node_modules', 'dist', 'e2e']))
  const wanted = hash([
    ...sources,
    join(root, 'package-lock.json'),
  ])
  if (readText(buildStamp) === wanted) return true
  console.log('Building the web app (once per version)…')
  const code = await run(localNode(), [
    join(root, 'node_modules/vite/bin/vite.js'),
    'build',
    '--logLevel',
    'warn',
  ], { cwd: web })
  if (code === 0) writeFileSync(buildStamp, wanted)
  else if (orFail) fail('The web app could not be built; the reason is above.')
  return code === 0
}

/** The environment in which `node` and the packages' programs are the installed ones. */
export function toolEnvironment() {
  return { ...process.env, PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}` }
}

/** How many programs of `run` are there. */
let running = 0

/**
 * Runs a program on this terminal, or with its output to the open file `output`, until it ends. Signals are passed on; the program is in
 * a group of its own, so that a Ctrl-C comes once, from here.
 * @returns {Promise<number>} its exit code; 128 + n when signal n ended it.
 */
export async function run(command, args, { ipc = false, timeout = 0, output = 'inherit', ...options } = {}) {
  running++
  const child = spawn(command, args, {
    cwd: root,
    detached: !windows,
    ...options,
    stdio: [
      'inherit',
      output,
      output,
      ...(ipc
        ? ['ipc']
        : []),
    ],
  })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  // npm's and vitest's own children are in the group too; a child with a channel passes signals on itself.
  const send = signal => ipc || windows
    ? child.kill(signal)
    : killGroup(child.pid, signal)
  let interrupted
  const pass = (signal) => {
    interrupted = signal
    send(signal)
  }
  for (const signal of signals) process.on(signal, pass)
  const timer = timeout && setTimeout(() => {
    console.error(`\nEnded after ${timeout / 60_000} minutes.`)
    send('SIGKILL')
  }, timeout)
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message)
      resolve(127)
    })
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
  clearTimeout(timer)
  for (const signal of signals) process.off(signal, pass)
  running--
  if (interrupted && !ipc) {
    // Others that run got the signal too, and end in their own time.
    if (running > 0) await new Promise(() => {})
    process.exit(128 + constants.signals[interrupted])
  }
  return code
}

function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal)
  }
  catch {}
}

function hash(files, extra = '') {
  const digest = createHash('sha256').update(extra)
  for (const file of files) digest.update(`\n${relative(root, file)}\n`).update(readFileSync(file))
  return digest.digest('hex')
}

function listFiles(folder, ignored) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => !ignored.has(entry.name))
    .sort((a, b) => (a.name < b.name
      ? -1
      : 1))
    .flatMap(entry => entry.isDirectory()
      ? listFiles(join(folder, entry.name), ignored)
      : [
          join(folder, entry.name),
        ])
}

function readText(file) {
  return existsSync(file)
    ? readFileSync(file, 'utf8')
    : undefined
}
