import process from 'node:process'
import { defineConfig } from 'vitest/config'

const onS3 = process.env.ACCEPTANCE_STORE === 's3'

/** Black box: real processes, HTTP only, nothing imported from the server. Two files at once: each mostly waits for a disk or a process. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['*.test.ts'].concat(process.env.SOAK === 'true'
      ? '*.soak.ts'
      : []),
    // With ACCEPTANCE_STORE=s3 the same tests run on MinIO; the launcher and the program’s commands know nothing of stores.
    exclude: onS3
      ? ['launcher.*', 'commands.*']
      : ['s3-faults.*'],
    globalSetup: 'support/global-setup.ts',
    setupFiles: '../test/leave-nothing.ts',
    maxWorkers: 2,
    // These limits end what hangs; a slow machine alone must not fail a test.
    testTimeout: 600_000,
    hookTimeout: 300_000,
    expect: {
      poll: { timeout: 120_000 },
    },
  },
})
