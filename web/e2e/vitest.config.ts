import { defineConfig } from 'vitest/config'

/** Chromium against real servers. One file after another: each starts a server and a browser of its own. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['*.e2e.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 90_000,
  },
})
