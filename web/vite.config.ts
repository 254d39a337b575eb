import process from 'node:process'
import { fileURLToPath } from 'node:url'
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { chunksByFirstView } from './vite-chunks.ts'
import { compiledWords, iconsWithTheirUsers, leanNuxtUi, precompress, startWithThePage, visitorPages, wordsWithTheirUsers } from './vite-plugins.ts'

const api = `http://localhost:${process.env.API_PORT ?? 3000}`

export default defineConfig(({ command }) => ({
  plugins: [
    leanNuxtUi(),
    visitorPages(),
    iconsWithTheirUsers(),
    wordsWithTheirUsers(),
    compiledWords(),
    startWithThePage(),
    precompress(),
    vue(),
    ui({
      // Ours are imported by hand; only Nuxt UI's own components (`U…`) are found by name. Their types are in src/nuxt-ui.d.ts.
      autoImport: false,
      components: { dirs: [] },
      dts: false,
      // Only the themes of components in use reach the style sheet.
      experimental: { componentDetection: true },
      // Those that Nuxt UI itself shows; ours come by iconsWithTheirUsers.
      icon: { clientBundle: {} },
      ui: {
        colors: {
          primary: 'petrol',
          neutral: 'zinc',
          success: 'emerald',
          warning: 'amber',
          error: 'red',
          info: 'sky',
        },
        button: {
          defaultVariants: { size: 'md' },
          slots: { base: 'cursor-pointer' },
          // Theirs fade under the pointer, and the words on them with too little contrast.
          compoundVariants: [
            { color: 'primary', variant: 'solid', class: 'hover:bg-primary active:bg-primary hover:brightness-95 active:brightness-90' },
            { color: 'error', variant: 'solid', class: 'hover:bg-error active:bg-error hover:brightness-95 active:brightness-90' },
          ],
        },
        input: {
          slots: { root: 'w-full', base: 'pointer-coarse:min-h-11' },
        },
        textarea: {
          slots: { root: 'w-full' },
        },
        select: {
          slots: { base: 'w-full pointer-coarse:min-h-11' },
        },
        selectMenu: {
          slots: { base: 'w-full' },
        },
        formField: {
          slots: { label: 'font-medium', error: 'text-sm', help: 'text-sm' },
        },
        // Names are long, and addresses have no spaces.
        toast: {
          slots: { title: '[overflow-wrap:anywhere]', description: '[overflow-wrap:anywhere]' },
        },
        modal: {
          // No words below the cross, and none cut where what is between is long.
          slots: { header: 'shrink-0 has-data-[slot=close]:pe-14', footer: 'shrink-0 justify-end pointer-coarse:[&_button]:min-h-11' },
        },
      },
    }),
  ],
  // Parts of Vue and vue-i18n that nothing here uses.
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    // See compiledWords.
    __INTLIFY_DROP_MESSAGE_COMPILER__: JSON.stringify(command === 'build'),
  },
  server: {
    proxy: Object.fromEntries([
      '/api',
      '/healthz',
      '/readyz',
      '^/policies/(?:feed\\.xml|(?:w/[^/]+/)?[^/]+\\.md)(?:\\?|$)',
    ].map(path => [
      path,
      { target: api },
    ])),
  },
  preview: {
    proxy: Object.fromEntries([
      '/api',
      '/healthz',
      '/readyz',
      '^/policies/(?:feed\\.xml|(?:w/[^/]+/)?[^/]+\\.md)(?:\\?|$)',
    ].map(path => [
      path,
      { target: api },
    ])),
  },
  build: {
    target: 'es2022',
    // Inlined assets would need `data:` in font-src, and the CSP has none.
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      // What each page begins with is there when another part is asked for; naming it with every part takes room in the first load.
      resolveDependencies: (_file, dependencies, { hostType }) => hostType === 'html'
        ? dependencies
        : dependencies.filter(name => !/^assets\/(?:base|rolldown-runtime)-/.test(name)),
    },
    rolldownOptions: {
      // How long plugins took is nothing to read at the first `npm start`.
      checks: { bundlerTimings: false },
      input: ['index.html', 'visitor.html'],
      output: {
        // Short, for the first load names all of them, and what is random does not get smaller.
        assetFileNames: 'assets/[name]-[hash:7][extname]',
        chunkFileNames: chunk => `assets/${chunk.name.split('~')[0]}-[hash:7].js`,
        codeSplitting: chunksByFirstView(fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '')),
      },
    },
  },
}))
