import { assert, compose, containersOf, docker, httpPort, httpsPort, images, inspect, PROJECT, same, untilReady, url, version } from './stack.ts'

const SECOND = `${PROJECT}-second`
const port = Number(httpPort) + 1
const env = {
  COMPOSE_PROJECT_NAME: SECOND,
  HTTP_PORT: `${port}`,
  HTTPS_PORT: `${Number(httpsPort) + 1}`,
  // Another image than the first one's.
  COMMIT: '5ec0nd5ec0nd',
}
const itsImages = ['server', 'web'].map(name => `${SECOND}-${name}:${version}`)

export function removeSecondStack(): void {
  compose(['down', '--volumes', '--remove-orphans'], { env, allowFailure: true })
  docker(['image', 'rm', ...itsImages], { allowFailure: true })
}

/** All that Docker has of the first one, by ids that change when one is made anew. */
function firstStack(): object {
  const lines = (...args: string[]) => docker(args).split('\n').filter(Boolean).sort()
  return {
    images: Object.values(images).map(image => docker([
      'image',
      'inspect',
      '--format',
      '{{.Id}}',
      image,
    ]).trim()),
    containers: inspect(containersOf()).map(({ Id, Image, State }) => [
      Id,
      Image,
      State.Running,
      State.StartedAt,
    ]).sort(),
    volumes: lines('volume', 'ls', '--filter', `label=com.docker.compose.project=${PROJECT}`, '--format', '{{.Name}}'),
    networks: lines('network', 'ls', '--filter', `label=com.docker.compose.project=${PROJECT}`, '--format', '{{.ID}} {{.Name}}'),
  }
}

/** Another stack of another commit is built, runs and goes beside this one, which notices nothing. */
export async function secondStackTouchesNothing(): Promise<string> {
  removeSecondStack()
  const before = firstStack()
  const isNew = async (address: string) => (await (await fetch(`${address}/api/v1/setup`)).json() as { required: boolean }).required

  compose(['build'], { env })
  same(firstStack(), before, 'The first stack, after the second one’s build')
  for (const [index, image] of itsImages.entries()) {
    assert(docker([
      'image',
      'inspect',
      '--format',
      '{{.Id}}',
      image,
    ]).trim() !== (before as { images: string[] }).images[index], `${image} is the first stack’s`)
  }

  compose(['up', '-d'], { env })
  const address = `http://localhost:${port}`
  await untilReady(1, SECOND, address)
  same([await isNew(address), await isNew(url)], [true, false], 'Not set up yet')
  same(firstStack(), before, 'The first stack, while the second one runs')

  // A new start of the first takes nothing of the second.
  compose(['up', '-d', '--no-recreate'])
  same(inspect(containersOf('server')).map(({ Image }) => Image), [(before as { images: string[] }).images[0]], 'The first one’s image')

  const during = firstStack()
  removeSecondStack()
  same(containersOf(undefined, SECOND), [], 'Containers of the second one')
  same(firstStack(), during, 'The first stack, after the second one’s end')
  return `${(before as { volumes: string[] }).volumes.length} volumes, ${(before as { containers: unknown[] }).containers.length} containers`
}
