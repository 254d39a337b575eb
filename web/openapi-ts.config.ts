import { defineConfig } from '@hey-api/openapi-ts'

export default defineConfig({
  input: '../docs/api/openapi.json',
  output: { path: 'src/api/generated', clean: true },
  parser: {
    hooks: {
      symbols: {
        // In files by subject: what a page calls comes with the page, not with the first view.
        getFilePath: ({ meta }) => meta?.plugin === '@hey-api/sdk' && Array.isArray(meta.tags)
          ? `sdk/${/\/admin\/([a-z]+)/.exec(JSON.stringify(meta.path))?.[1] ?? meta.tags[0]}`
          : undefined,
      },
    },
  },
  plugins: [
    { name: '@hey-api/client-fetch', runtimeConfigPath: '#client-config', throwOnError: true },
    '@hey-api/typescript',
    { name: '@hey-api/sdk' },
  ],
})
