import type { Plugin } from 'vite'
import process from 'node:process'
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/**
 * Nuxt UI without what this app does not need, so that a link page stays light: icons come from the bundle only (the online
 * loader could ask another origin), colours from colors.css instead of a script, and toasts load with the first one.
 */
function leanNuxtUi(): Plugin {
  const modules: Record<string, string> = {
    // Without the loader nobody takes `lucide-x` apart, so each icon is kept under that name too.
    '@iconify/vue': `
      import { addIcon as add } from '@iconify/vue/offline'
      export { Icon } from '@iconify/vue/offline'
      export const addIcon = (name, icon) => { add(name, icon); add(name.replace(':', '-'), icon) }
      export const iconLoaded = () => true
    `,
    '@nuxt/ui/vue-plugin': `import icons from '@nuxt/ui/runtime/vue/plugins/icons.js'; export default { install: app => app.use(icons) }`,
    './Toaster.vue': `import { defineAsyncComponent } from 'vue'; export default defineAsyncComponent(() => import('@nuxt/ui/components/Toaster.vue'))`,
  }
  return {
    name: 'clientshare:lean-nuxt-ui',
    enforce: 'pre',
    resolveId: (id, importer) => Object.hasOwn(modules, id) && (!id.startsWith('.') || importer?.includes('@nuxt/ui'))
      ? `\0lean:${id}`
      : undefined,
    load: id => id.startsWith('\0lean:')
      ? modules[id.slice('\0lean:'.length)]
      : undefined,
  }
}

const api = `http://localhost:${process.env.API_PORT ?? 3000}`

export default defineConfig({
  plugins: [
    leanNuxtUi(),
    vue(),
    ui({
      // Ours are imported by hand; only Nuxt UI's own components (`U…`) are found by name. Their types are in src/nuxt-ui.d.ts.
      autoImport: false,
      components: { dirs: [] },
      dts: false,
      // Only the themes of components in use reach the style sheet.
      experimental: { componentDetection: true },
      icon: {
        clientBundle: {
          scan: {
            globInclude: ['src/**/*.{vue,ts}'],
          },
        },
      },
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
          slots: { root: 'w-full' },
        },
        textarea: {
          slots: { root: 'w-full' },
        },
        select: {
          slots: { base: 'w-full' },
        },
        selectMenu: {
          slots: { base: 'w-full' },
        },
        formField: {
          slots: { label: 'font-medium', error: 'text-sm', help: 'text-sm' },
        },
        modal: {
          slots: { footer: 'justify-end' },
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
  },
  server: {
    proxy: Object.fromEntries(['/api', '/healthz', '/readyz'].map(path => [
      path,
      { target: api },
    ])),
  },
  preview: {
    proxy: Object.fromEntries(['/api', '/healthz', '/readyz'].map(path => [
      path,
      { target: api },
    ])),
  },
  build: {
    target: 'es2022',
    // Inlined assets would need `data:` in font-src, and the CSP has none.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
