import { defineConfig } from 'vitest/config'

/** Black box: real processes, HTTP only, nothing imported from the server. One file after another, because they share two cores. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['*.test.ts'],
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
})
