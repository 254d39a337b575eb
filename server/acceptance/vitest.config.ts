import process from 'node:process'
import { defineConfig } from 'vitest/config'

/** Black box: real processes, HTTP only, nothing imported from the server. Two files at once: each mostly waits for a disk or a process. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['*.test.ts'],
    // With ACCEPTANCE_STORE=s3 the same tests run on MinIO; the launcher knows nothing of stores.
    exclude: process.env.ACCEPTANCE_STORE === 's3'
      ? ['launcher.test.ts']
      : ['s3-faults.test.ts'],
    maxWorkers: 2,
    // These limits end what hangs; a slow disk alone must not fail a test.
    testTimeout: 400_000,
    hookTimeout: 180_000,
  },
})
