import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const command = (process.env.COMPOSE || 'docker compose').split(' ')
export const PROJECT = 'clientshare-check'
export const httpPort = process.env.CHECK_HTTP_PORT || '18480'
export const httpsPort = process.env.CHECK_HTTPS_PORT || '18443'
/** What the images are told of themselves. */
export const COMMIT = 'c0ffeec0ffee'
export const url = `http://localhost:${httpPort}`
export const httpsUrl = `https://localhost:${httpsPort}`
export const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
export const images = { server: `${PROJECT}-server:${version}`, web: `${PROJECT}-web:${version}` }

/** Nothing of this machine's own settings: the project's defaults, under another name and on other ports. */
const settings = {
  COMPOSE_PROJECT_NAME: PROJECT,
  HTTP_PORT: httpPort,
  HTTPS_PORT: httpsPort,
  COMMIT,
}

export interface RunOptions { env?: Record<string, string>, input?: string, allowFailure?: boolean }

function environment(env: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, XDG_RUNTIME_DIR } = process.env
  return {
    PATH,
    HOME,
    DOCKER_HOST,
    DOCKER_CONTEXT,
    DOCKER_CONFIG,
    XDG_RUNTIME_DIR,
    ...settings,
    ...env,
  }
}

/** However it ends. */
function runAnyhow(args: readonly string[], { env, input }: RunOptions): { status: number | null, stdout: string, stderr: string } {
  const [program, ...rest] = args
  const { status, stdout, stderr, error } = spawnSync(program!, rest, {
    cwd: root,
    env: environment(env),
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (error) throw error
  return { status, stdout, stderr }
}

/** @returns standard output. @throws with standard error, unless failure is allowed */
export function run(args: readonly string[], options: RunOptions = {}): string {
  const { status, stdout, stderr } = runAnyhow(args, options)
  if (status !== 0 && !options.allowFailure) throw new Error(`${args.slice(0, 6).join(' ')} ended with ${status}:\n${stderr.slice(-3000)}\n${stdout.slice(-1000)}`)
  return stdout
}

export const docker = (args: readonly string[], options?: RunOptions) => run(['docker', ...args], options)
export const compose = (args: readonly string[], options?: RunOptions) => run([
  ...command,
  ...args,
], options)

/** What a command said, and how it ended. */
export function composeEnds(args: readonly string[], options: RunOptions = {}): { status: number | null, said: string } {
  const { status, stdout, stderr } = runAnyhow([
    ...command,
    ...args,
  ], options)
  return { status, said: stdout + stderr }
}

/** The same, while this process goes on. */
async function runMeanwhile(args: readonly string[]): Promise<void> {
  const [program, ...rest] = args
  const child = spawn(program!, rest, {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said += text })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${args.slice(0, 6).join(' ')} ended with ${code}:\n${said.slice(-3000)}`)
}

export const dockerMeanwhile = (args: readonly string[]) => runMeanwhile(['docker', ...args])
export const composeMeanwhile = (args: readonly string[]) => runMeanwhile([
  ...command,
  ...args,
])

/** Ids of a service's containers, of every service without one. */
export function containersOf(service?: string, project = PROJECT): string[] {
  return docker([
    'ps',
    '-aq',
    '--no-trunc',
    '--filter',
    `label=com.docker.compose.project=${project}`,
    ...service
      ? ['--filter', `label=com.docker.compose.service=${service}`]
      : [],
  ]).split('\n').filter(Boolean)
}

export const inspect = (ids: readonly string[]): any[] => JSON.parse(docker(['inspect', ...ids])) as any[]

export const serviceOf = (container: any): string => container.Config.Labels['com.docker.compose.service'] as string

/** What containers wrote, with their errors. */
export function logsOf(id: string): string {
  const { stdout, stderr } = spawnSync('docker', ['logs', id], { encoding: 'utf8', maxBuffer: 1 << 28 })
  return stdout + stderr
}

export async function until(what: string, done: () => boolean | Promise<boolean>, seconds = 180): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  while (!await done()) {
    if (Date.now() > deadline) throw new Error(`Not within ${seconds} s: ${what}`)
    await sleep(250)
  }
}

export async function untilReady(replicas = 1, project = PROJECT, address = url): Promise<void> {
  await untilHealthy('server', replicas, project)
  await until('an answer at the public address', async () => (await fetch(`${address}/readyz`).catch(() => undefined))?.status === 200)
}

export async function untilHealthy(service: string, replicas = 1, project = PROJECT): Promise<void> {
  await until(`${replicas} healthy: ${service}`, () => {
    const ids = containersOf(service, project)
    return ids.length === replicas && inspect(ids).every(({ State }) => State.Health.Status === 'healthy')
  }, 300)
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

export function same(found: unknown, expected: unknown, what: string): void {
  assert(JSON.stringify(found) === JSON.stringify(expected), `${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`)
}
