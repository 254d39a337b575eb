import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: 'test/global-setup.ts',
    pool: 'forks',
    // Vitest would leave one core idle; most of these tests wait for PostgreSQL.
    maxWorkers: '100%',
    // These limits end what hangs; a slow disk alone must not fail a test. What has to be quick says so itself.
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
