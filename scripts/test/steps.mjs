import { caddy, chromium, docker, dovecot, fastFolder, minio, schemathesis } from './needs.mjs'

/**
 * What the gate and the soak run. A step has checks (programs that pass or fail whole) and runs of suites (a folder with a
 * vitest.config.ts): `files` are parts of the names to run, `settings` its environment, `built` asks for the web app, without what it
 * `needs` it is not run, without what it `wants` some of its tests are not. CI=true makes what is missing a failure.
 */

const fast = fastFolder()
const acceptance = { suite: 'server/acceptance', built: true }
const onMinio = {
  needs: [minio],
  settings: { ACCEPTANCE_STORE: 's3' },
}

/** In this order, two at a time: the longest first, so that none is left alone at the end. */
export const gate = [
  {
    name: 'browser',
    runs: [
      {
        suite: 'web/e2e',
        built: true,
        needs: [chromium],
        temporary: fast,
      },
    ],
  },
  {
    name: 'server',
    runs: [
      {
        suite: 'server',
        temporary: fast,
        wants: [minio, caddy, dovecot],
      },
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
    // TypeScript 7 where there is no page, in a third of the time; what reads pages and lints stands on 6.
    name: 'types',
    checks: [
      ['tsc', '-p', 'server'],
      [
        'tsc',
        '--noEmit',
        '-p',
        'web/tsconfig.node.json',
      ],
      [
        'vue-tsc',
        '--noEmit',
        '-p',
        'web/tsconfig.json',
      ],
    ],
  },
  {
    name: 'acceptance',
    runs: [
      { ...acceptance, temporary: fast },
    ],
  },
  {
    name: 'on MinIO',
    runs: [
      {
        ...acceptance,
        ...onMinio,
        files: ['core-contract'], // the rest has been on the folder; the soak has it here too
        temporary: fast,
      },
    ],
  },
  {
    name: 'contract',
    checks: [
      ['node', 'scripts/openapi.ts', '--check'],
    ],
  },
  {
    name: 'web',
    runs: [
      { suite: 'web' },
    ],
  },
]

/** One after another, on the disk, with SOAK=true and a seed of its own that FAULT_SEED repeats. */
export const soak = [
  {
    name: 'server', // the gate's tests with larger files, every fault of every store, and a seed of its own
    runs: [
      {
        suite: 'server',
        temporary: fast,
        needs: [minio],
        wants: [caddy, dovecot],
      },
    ],
  },
  {
    name: 's3',
    runs: [
      {
        suite: 'server',
        files: ['src/features/uploads', 'src/features/objects'],
        settings: { TEST_STORAGE: 's3' },
        temporary: fast,
        needs: [minio],
      },
    ],
  },
  {
    name: 'faults', // kills under load, PostgreSQL's death, and the store's
    runs: [
      {
        ...acceptance,
        files: ['faults.'],
      },
      {
        ...acceptance,
        ...onMinio,
        files: ['faults.'],
      },
    ],
  },
  {
    name: 'broken-off',
    runs: [
      {
        ...acceptance,
        files: ['broken-off'],
      },
      {
        ...acceptance,
        ...onMinio,
        files: ['broken-off'],
      },
    ],
  },
  {
    name: 'real-input',
    runs: [
      {
        ...acceptance,
        files: ['real-input'],
      },
      // Five gigabytes went through the other store.
      {
        ...acceptance,
        ...onMinio,
        settings: {
          ...onMinio.settings,
          ACCEPTANCE_BIG_BYTES: String(2 ** 30 + 12_345),
        },
        files: ['real-input'],
      },
    ],
  },
  {
    name: 'schemathesis', // the API beside its description, with made-up requests
    runs: [
      {
        ...acceptance,
        files: ['schemathesis'],
        temporary: fast,
        needs: [schemathesis],
      },
    ],
  },
  {
    name: 'launcher',
    runs: [
      {
        ...acceptance,
        files: ['launcher', 'commands'],
      },
    ],
  },
  {
    name: 'browser', // both themes, every picture
    runs: [
      {
        suite: 'web/e2e',
        built: true,
        needs: [chromium],
      },
    ],
  },
  {
    name: 'two-servers', // what people are, and how they are told: requests go to one server and the other in turn
    runs: [
      {
        suite: 'web/e2e',
        built: true,
        files: [
          'factors',
          'mail',
          'members',
          'notifications',
          'operator',
          'passkeys',
          'people',
        ],
        settings: { E2E_SERVERS: '2' },
        needs: [chromium, minio],
      },
    ],
  },
  {
    name: 'compose',
    needs: [docker],
    counted: ['node', 'scripts/compose-check.ts', '--full'],
  },
]
