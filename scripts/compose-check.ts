// Runs docker-compose.yml as operators do, under another name and on other ports, and looks at it from outside: by itself what each change
// must pass, with --full (a part of the soak) all of it. COMPOSE is the compose command (`docker compose`), CHECK_HTTP_PORT and
// CHECK_HTTPS_PORT the ports; CHECK_KEEP=true leaves everything running.
import type { Fixture } from '../server/acceptance/support/api-client.ts'
import process from 'node:process'
import { seed } from '../server/test/soak.ts'
import { commandsAnswer, secretsAreReplaced } from './compose-check/commands.ts'
import { startLosses } from './compose-check/losses.ts'
import { httpsIsOn, pagesAreServed } from './compose-check/pages.ts'
import { policiesComeFromFiles } from './compose-check/policies.ts'
import { removeSecondStack, secondStackTouchesNothing } from './compose-check/second-stack.ts'
import { containersAreHardened, imageHasNothingElse, imagesAreSmall, networksAreApart, onlyTheWebIsPublished, readSecrets, secretsAreNowhereElse, serverHasTheBucketOnly } from './compose-check/shape.ts'
import { compose, containersOf, docker, inspect, logsOf, same, serviceOf, untilReady } from './compose-check/stack.ts'
import { acceptanceHolds, answersWithoutServers, eventsFlow, invariantsHold, jobsRunOnce, killLosesNothing, limitHolds, linkOpens, makeKept, read, rollingLosesNothing, sessionWorksEverywhere, signIn, stopWaitsForDownloads, throttleIsShared, tokensUsed, uploadCrossesServers } from './compose-check/use.ts'

let passed = 0
const isFull = process.argv.includes('--full')

async function check<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const begun = Date.now()
  try {
    const result = await work()
    passed++
    console.log(`ok    ${what}${typeof result === 'string' && result
      ? ` (${result})`
      : ''}  ${((Date.now() - begun) / 1000).toFixed(1)} s`)
    return result
  }
  catch (error) {
    console.log(`FAIL  ${what}`)
    throw error
  }
}

const removeAll = () => compose([
  '--profile',
  'worker',
  'down',
  '--volumes',
  '--remove-orphans',
], { allowFailure: true })

async function main(): Promise<void> {
  removeAll()
  await check('the images build', () => void compose(['build']))
  await check('the images are small', imagesAreSmall)
  await check('the server’s image has what it runs, and nothing else', imageHasNothingElse)
  await check('it comes up with nothing set', async () => {
    compose(['up', '-d'])
    await untilReady()
  })
  await check('every container is hardened', containersAreHardened)
  await check('only the web is published', onlyTheWebIsPublished)
  await check('the networks are apart', networksAreApart)
  await check('the server’s key opens its bucket and nothing else', serverHasTheBucketOnly)
  await check('the contract holds at the public address', acceptanceHolds)
  await check('the web app is served by the server’s rules', pagesAreServed)
  await check('commands answer in a container, and images say which they are', commandsAnswer)
  await check('policies come from files, again on SIGHUP', policiesComeFromFiles)

  if (isFull) await checkTheRest()
  else await checkOneKill()
}

async function checkOneKill(): Promise<void> {
  const fixture = await signInAt(2)
  await check(`a killed server loses nothing (FAULT_SEED=${seed})`, () => killLosesNothing(fixture, seed, 1))
  await check('the invariants hold', invariantsHold)
  await check('no secret stands in settings or logs', () => secretsAreNowhereElse([...tokensUsed]))
}

async function signInAt(servers: number): Promise<Fixture> {
  await check(`${servers} servers`, async () => {
    compose([
      'up',
      '-d',
      '--scale',
      `server=${servers}`,
    ])
    await untilReady(servers)
  })
  return signIn()
}

async function checkTheRest(): Promise<void> {
  const secrets = readSecrets()
  const fixture = await signInAt(3)
  await check('an upload begins at one server and ends at another', () => uploadCrossesServers(fixture))
  await check('a session works at each', () => sessionWorksEverywhere(fixture))
  await check('a link limited to one download gives one', () => limitHolds(fixture))
  await check('guesses are counted for all of them, and by the true address', throttleIsShared)
  await check('events arrive at once', () => eventsFlow(fixture))
  await check('a restart and a kill fail no request that no server had received', () => rollingLosesNothing(fixture))
  await check(`killed servers lose nothing (FAULT_SEED=${seed})`, () => killLosesNothing(fixture, seed, 2))
  await check('the invariants hold', invariantsHold)
  await check('jobs run once', jobsRunOnce)
  const kept = await makeKept(fixture)
  await check('a stop lets a download end', () => stopWaitsForDownloads(fixture, kept))
  await check('without a server there is an answer', () => answersWithoutServers(fixture))
  await check('no secret stands in settings or logs', () => secretsAreNowhereElse([...tokensUsed]))
  await check('down and up keeps everything', async () => {
    compose(['down'])
    same(containersOf(), [], 'Containers')
    compose(['up', '-d'])
    await untilReady()
    same(readSecrets(), secrets, 'The secrets')
    const again = await signIn()
    same(await read(again.api, kept.fileId), kept.digest, 'The file')
    await linkOpens(kept)
  })
  await check('secrets are replaced, and everything is still there', () => secretsAreReplaced(kept))
  await check('another stack beside it touches nothing of it', secondStackTouchesNothing)
  await check('DOMAIN alone turns HTTPS on', async () => {
    compose(['up', '-d'], {
      env: { DOMAIN: 'localhost' },
    })
    await httpsIsOn()
  })
  await checkLosses()
}

/** A new deployment, to lose one thing after the other. */
async function checkLosses(): Promise<void> {
  removeAll()
  const losses = await check('a new deployment has files and a link', startLosses)
  try {
    await check('the database is lost', losses.database)
    await check('the store is lost', losses.store)
    await check('the secrets are lost', losses.secrets)
    await check('the host is lost', losses.host)
    await check('the host is lost, with an encrypted backup', losses.hostEncrypted)
    await check('the wrong backup is restored', losses.wrongRestore)
  }
  finally {
    losses.cleanUp()
  }
}

let failed = 0
try {
  await main()
}
catch (error) {
  failed = 1
  console.log(`\n${(error as Error).stack}\n`)
  for (const id of containersOf()) {
    const [container] = inspect([id])
    console.log(`--- ${serviceOf(container)} ${container.Name}: ${container.State.Status} ${container.State.ExitCode}\n${logsOf(id).split('\n').slice(-30).join('\n')}`)
  }
  console.log(docker(['ps', '-a'], { allowFailure: true }))
}
finally {
  if (process.env.CHECK_KEEP !== 'true') {
    removeSecondStack()
    removeAll()
  }
}
console.log(`\n${passed} passed, ${failed} failed, 0 skipped`)
process.exit(failed)
