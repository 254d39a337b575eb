import process from 'node:process'
import { defineConfig } from 'vitest/config'

const soak = process.env.SOAK === 'true'

export default defineConfig({
  test: {
    environment: 'node',
    include: ['{src,test}/**/*.test.ts'].concat(soak
      ? '{src,test}/**/*.soak.ts'
      : []),
    globalSetup: 'test/global-setup.ts',
    setupFiles: ['test/leave-nothing.ts', 'test/cheap-passwords.ts'],
    pool: 'forks',
    // A file that had modules of its own would spend a quarter of the time on loading them.
    isolate: false,
    // Vitest would leave one core idle; most of these tests wait for PostgreSQL.
    maxWorkers: '100%',
    // What moves megabytes would spend half of its time on collecting garbage from a heap that starts small; and collecting it in several
    // threads is quicker by taking more of the processor, which the other worker needs.
    execArgv: [
      '--initial-old-space-size=1024',
      '--min-semi-space-size=32',
      '--max-semi-space-size=32',
      '--single-threaded-gc',
    ],
    // These limits end what hangs; a slow machine alone must not fail a test. What has to be quick says so itself.
    testTimeout: soak
      ? 1_200_000
      : 300_000,
    hookTimeout: 300_000,
    expect: {
      poll: { timeout: 60_000 },
    },
  },
})
