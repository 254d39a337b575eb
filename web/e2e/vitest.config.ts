import process from 'node:process'
import { defineConfig } from 'vitest/config'

/**
 * Chromium against real servers: one instance for all, on which each file has a workspace and people of its own, and more only where a test changes what
 * all would see. With SOAK=true also what is long or rare, both themes and pictures. Tests of pages take their seconds: each loads the app.
 */
export default defineConfig({
  test: {
    environment: 'node',
    include: process.env.SOAK === 'true'
      ? ['*.e2e.ts', '*.soak.ts']
      : ['*.e2e.ts'],
    globalSetup: 'global-setup.ts',
    setupFiles: 'leftovers.ts',
    pool: 'forks',
    // A file that had modules of its own would load Playwright's again, a second of the processor's time each.
    isolate: false,
    // One page waits for the server or for axe while another one works.
    maxWorkers: 2,
    // These limits end what hangs; a slow machine alone must not fail a test.
    testTimeout: 400_000,
    hookTimeout: 300_000,
    teardownTimeout: 120_000,
    expect: {
      poll: { timeout: 60_000, interval: 50 },
    },
  },
})
