import { defineConfig } from 'drizzle-kit'

/** Every table there is, by its name: a feature adds one by having it. */
export default defineConfig({ dialect: 'postgresql', schema: './src/**/*.table.ts', out: '../migrations' })
