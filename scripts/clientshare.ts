import type { Cluster } from './embedded-postgres.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import process from 'node:process'
import { reachCluster, startCluster } from './embedded-postgres.ts'
import { FolderTaken } from './lib/folder-lock.ts'
import { databaseFolder, dataDir, makeDataDir, namesDatabase, root, serverEnvironment, serverMain, takeDataDir, tellFirstStart, withEmbedded } from './lib/ground.ts'
import { asFolderProblem, LaunchProblem } from './lib/launch-problem.ts'
import { processArguments } from './lib/process-info.ts'
import { serverFlags } from './lib/server-flags.ts'

/**
 * `npm run clientshare -- <command>`: a command of the server with the settings of `npm start`. The embedded PostgreSQL is the one that
 * runs, or is started for as long as the command takes.
 */
const args = process.argv.slice(2)
const stopping = new AbortController()
let cluster: Cluster | undefined
let unlock: (() => void) | undefined
let sendOn: ((signal: NodeJS.Signals) => void) | undefined

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal))
// start.mjs holds the other end; when it is killed, nobody could stop us.
if (process.connected) process.on('disconnect', () => stop('SIGTERM'))

try {
  process.exitCode = await runCommand(asksForHelp(args)
    ? { CLIENTSHARE_COMMAND: 'npm run clientshare --', ...process.env }
    : await prepare())
}
catch (error) {
  process.exitCode = tell(asFolderProblem(error, 'DATA_DIR', dataDir))
}
await cluster?.stop()
unlock?.()
process.exit()

/** Help and version need nothing of this machine, and make nothing on it. */
function asksForHelp([command = '-', ...options]: string[]): boolean {
  return command.startsWith('-') || options.includes('--help') || options.includes('-h')
}

async function prepare(): Promise<NodeJS.ProcessEnv> {
  makeDataDir()
  const env = serverEnvironment()
  return namesDatabase(env)
    ? env
    : withEmbedded(env, await findDatabase())
}

async function findDatabase(): Promise<string> {
  try {
    unlock = takeDataDir()
  }
  catch (error) {
    if (!(error instanceof FolderTaken)) throw error
    // Its database ends with it, in the middle of what we do.
    if (processArguments(error.holder)?.some(argument => basename(argument) === basename(import.meta.filename))) throw new LaunchProblem(`Another command is running on ${dataDir} (process ${error.holder}). Wait for it, or start ClientShare first: then several may run.`, { cause: error })
    return reachCluster(databaseFolder, stopping.signal)
  }
  tellFirstStart()
  cluster = await startCluster({
    folder: databaseFolder,
    signal: stopping.signal,
    onWait: reason => console.error(reason),
  })
  return cluster.url()
}

/** @returns its exit code; a signal that ended it counts as 1 */
async function runCommand(env: NodeJS.ProcessEnv): Promise<number> {
  stopping.signal.throwIfAborted()
  const child = spawn(process.execPath, [
    ...serverFlags,
    serverMain,
    ...args,
  ], { cwd: root, env, stdio: 'inherit' })
  sendOn = signal => void child.kill(signal)
  const [code] = await once(child, 'exit') as [number | null]
  sendOn = undefined
  return code ?? 1
}

/** The command ends as it does when it gets the signal itself; before it has begun, everything else does. */
function stop(signal: NodeJS.Signals): void {
  if (sendOn) sendOn(signal)
  else stopping.abort(new LaunchProblem('Stopped.'))
}

function tell(error: unknown): number {
  // Timers and streams wrap the reason of their abort.
  const reason = stopping.signal.aborted ? stopping.signal.reason : error
  if (reason instanceof LaunchProblem) console.error(`ClientShare: ${reason.message}`)
  else console.error(reason)
  return 1
}
