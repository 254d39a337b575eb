import type { Kept } from './use.ts'
import { assert, COMMIT, compose, docker, images, same, untilReady, version } from './stack.ts'
import { linkOpens, read, signIn } from './use.ts'

const inContainer = (...args: string[]) => compose(['run', '--rm', '-T', 'server', ...args])

/** Without looking after what already runs, which takes longer than the command. */
const besideOthers = (...args: string[]) => compose([
  'run',
  '--rm',
  '--no-deps',
  '-T',
  'server',
  ...args,
])

/** In a container of its own and in one that runs; and what the images say of themselves. */
export function commandsAnswer(): string {
  for (const image of Object.values(images)) {
    const labels = JSON.parse(docker([
      'image',
      'inspect',
      '--format',
      '{{json .Config.Labels}}',
      image,
    ])) as Record<string, string>
    same([labels['org.opencontainers.image.version'], labels['org.opencontainers.image.revision']], [version, COMMIT], `The labels of ${image}`)
  }
  const release = compose([
    'exec',
    '-T',
    'server',
    'clientshare',
    '--version',
  ]).trim()
  same(release, `ClientShare ${version} (${COMMIT})`, '--version')
  assert(inContainer('--help').startsWith('Use: docker compose run --rm server <command>'), 'The help does not name commands as they are called here')
  same(besideOthers('migrate', '--dry-run').trim(), 'Nothing to apply: the schema is this version’s.', 'migrate --dry-run')
  assert(besideOthers('admin', 'list-users').includes('\toperator\t'), 'There is no operator')
  return release
}

/** As docs/operating.md has it ("Replacing secrets"). */
export async function secretsAreReplaced(kept: Kept): Promise<void> {
  const renew = (what: string) => compose([
    'run',
    '--rm',
    '-T',
    'init',
    '--renew',
    what,
  ])
  const replaced = async (what: string, finish: (said: string) => void) => {
    compose(['stop', 'web', 'server'])
    finish(renew(what))
    compose(['up', '-d'])
    await untilReady()
    const { api, workspaceId } = await signIn()
    same(await read(api, kept.fileId), kept.digest, `The file, after ${what}`)
    await linkOpens(kept)
    const { items } = await api.must('GET', `/workspaces/${workspaceId}/links`)
    assert((items as { url: string }[]).some(({ url }) => url.endsWith(kept.link)), `Staff cannot copy the link’s address after ${what}`)
  }
  await replaced('postgres', () => void compose([
    'exec',
    '-T',
    'postgres',
    'sh',
    '-c',
    `printf "alter role clientshare password '%s'" "$(cat /run/secrets/postgres/password)" | psql -q -U clientshare`,
  ]))
  await replaced('minio', () => void compose([
    'up',
    '-d',
    '--force-recreate',
    'minio',
    'minio-setup',
  ]))
  await replaced('secret_key', (said) => {
    const [old] = /\/run\/secrets\/clientshare\/\S+/.exec(said) ?? []
    assert(old, `init did not say where the old key is: ${said}`)
    inContainer('admin', 'rotate-key', '--from', old)
  })
}
