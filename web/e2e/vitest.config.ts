import { defineConfig } from 'vitest/config'

/** Chromium against real servers. One file after another: each starts a server and a browser of its own. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['*.e2e.ts'],
    fileParallelism: false,
    // These limits end what hangs; a slow machine alone must not fail a test.
    testTimeout: 300_000,
    hookTimeout: 180_000,
  },
})
