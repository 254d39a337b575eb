import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** The rules behind the pages (queues, formats, stores), without a DOM; the pages themselves are tested in Chromium (e2e). */
export default defineConfig({
  plugins: [
    vue(),
  ],
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts'],
    expect: {
      poll: { timeout: 60_000 },
    },
  },
})
