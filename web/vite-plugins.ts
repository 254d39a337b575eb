import type { Plugin } from 'vite'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { baseCompile } from '@intlify/message-compiler'
import { camelCase } from './src/locales/collect-messages.ts'
import { isVisitorPath } from './src/visitor/paths.ts'

/**
 * Nuxt UI without what this app does not need, so that pages stay light: icons come from the bundle only (the online
 * loader could ask another origin), colours from colors.css instead of a script, and toasts load with the first one.
 */
export function leanNuxtUi(): Plugin {
  const modules: Record<string, string> = {
    // Without the loader nobody takes `lucide-x` apart, so each icon is kept under that name too.
    '@iconify/vue': `
      import { addIcon as add } from '@iconify/vue/offline'
      export { Icon } from '@iconify/vue/offline'
      export const addIcon = (name, icon) => { add(name, icon); add(name.replace(':', '-'), icon) }
      export const iconLoaded = () => true
    `,
    '@nuxt/ui/vue-plugin': `
      import icons from '@nuxt/ui/runtime/vue/plugins/icons.js'
      import { cnMerge } from 'tailwind-variants'
      export default {
        install(app) {
          app.use(icons)
          // The first time takes as long as a page's fields; now nobody waits for it.
          cnMerge('p-1')()
        },
      }`,
    './Toaster.vue': `import { defineAsyncComponent } from 'vue'; export default defineAsyncComponent(() => import('@nuxt/ui/components/Toaster.vue'))`,
    // Each button sorts out the classes of all buttons anew: here what was asked is answered once, by the theme and what is asked of it.
    '../utils/tv': `
      import { tv as make } from '@nuxt/ui/runtime/utils/tv.js'
      const made = new Map()
      const keyOf = props => Object.values(props).every(value => value === null || typeof value !== 'object' && typeof value !== 'function') ? JSON.stringify(props) : undefined
      const once = (known, key, answer) => known.get(key) ?? known.set(key, answer()).get(key)
      export function tv(config) {
        const { extend, ...own } = config
        return once(once(made, extend, () => new Map()), JSON.stringify(own), () => {
          const classes = make(config)
          const known = new Map()
          return (props = {}) => {
            const key = keyOf(props)
            return key === undefined ? classes(props) : once(known, key, () => classes(props))
          }
        })
      }`,
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

/** Each icon travels with the modules that name it (`i-lucide-x`), so a page loads those that it may show and no others. */
export function iconsWithTheirUsers(): Plugin {
  const require = createRequire(import.meta.url)
  let lucide: { icons: Record<string, { body: string }>, aliases?: Record<string, { parent: string }> } | undefined
  const bodyOf = (name: string): string | undefined => {
    lucide ??= require('@iconify-json/lucide/icons.json') as NonNullable<typeof lucide>
    return (lucide.icons[name] ?? lucide.icons[lucide.aliases?.[name]?.parent ?? ''])?.body
  }
  return {
    name: 'clientshare:icons',
    enforce: 'post',
    resolveId: id => id.startsWith('virtual:icon/')
      ? `\0${id}`
      : undefined,
    load(id) {
      if (!id.startsWith('\0virtual:icon/')) return
      const name = id.slice('\0virtual:icon/'.length)
      // Data and nothing else: a chunk of icons depends on no other, so no order of loading can break it.
      return `export default ${JSON.stringify({
        body: bodyOf(name),
        width: 24,
        height: 24,
      })}`
    },
    transform(code, id) {
      if (!/\/src\/.*\.(?:vue|ts)(?:$|\?)/.test(id) || id.includes('node_modules')) return
      const names = [
        ...new Set([
          ...code.matchAll(/\bi-lucide-([a-z0-9-]+)/g),
        ].map(match => match[1]!)),
      ]
      if (names.length === 0) return
      const unknown = names.filter(name => bodyOf(name) === undefined)
      if (unknown.length > 0) this.error(`There is no icon lucide-${unknown.join(', lucide-')}`)
      const icons = names.map((name, index) => `import __icon${index} from 'virtual:icon/${name}'; __addIcon('lucide-${name}', __icon${index});`)
      return {
        code: `import { addIcon as __addIcon } from '@iconify/vue/offline';${icons.join('')}${code}`,
        map: null,
      }
    },
  }
}

/**
 * A feature's English words (`features/<name>/locales/en.json`) travel with the modules that use them, as icons do: a page loads its own feature's
 * and no others. They are the fallback; another language comes whole, when it is chosen. The words of `src/locales/en` are always there.
 */
export function wordsWithTheirUsers(): Plugin {
  const features = readdirSync(join(import.meta.dirname, 'src/features')).filter(name => existsSync(join(import.meta.dirname, `src/features/${name}/locales/en.json`)))
  const users = new RegExp(`['"\`](${features.map(camelCase).join('|')})\\.[a-z$]`, 'gi')
  return {
    name: 'clientshare:words',
    enforce: 'post',
    resolveId: id => id.startsWith('virtual:words/')
      ? `\0${id}`
      : undefined,
    load(id) {
      if (!id.startsWith('\0virtual:words/')) return
      const name = id.slice('\0virtual:words/'.length)
      return `
        import words from '/src/features/${features.find(feature => camelCase(feature) === name)}/locales/en.json'
        import { i18n } from '/src/locales/index.ts'
        i18n.global.mergeLocaleMessage('en', { ${name}: words })`
    },
    transform(code, id) {
      // A route is titled when its page has come.
      if (!/\/src\/.*\.(?:vue|ts)(?:$|\?)/.test(id) || /node_modules|\/generated\/|routes\.ts$/.test(id)) return
      const names = new Set(Array.from(code.matchAll(users), match => match[1]!))
      return names.size > 0
        ? { code: `${Array.from(names, name => `import 'virtual:words/${name}';`).join('')}${code}`, map: null }
        : undefined
    },
  }
}

/** Words are taken apart when the app is built, not in the browser, which then needs no parser for them (`__INTLIFY_DROP_MESSAGE_COMPILER__`). */
export function compiledWords(): Plugin {
  const compile = (words: unknown): unknown => typeof words !== 'string'
    ? Object.fromEntries(Object.entries(words as object).map(([key, value]) => [
        key,
        compile(value),
      ]))
    : /[{|@]/.test(words)
      ? baseCompile(words, { jit: true, minify: true, location: false }).ast
      : words
  return {
    name: 'clientshare:compiled-words',
    apply: 'build',
    enforce: 'pre',
    transform: (code, id) => /\/locales\/.*\.json$/.test(id)
      ? {
          code: JSON.stringify(compile(JSON.parse(code))),
          map: null,
        }
      : undefined,
  }
}

/** In development, as the server does it: visitors' addresses get visitor.html. */
export function visitorPages(): Plugin {
  return {
    name: 'clientshare:visitor-pages',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const { pathname } = new URL(request.url ?? '/', 'http://localhost')
        if (isVisitorPath(pathname)) request.url = '/visitor.html'
        next()
      })
    },
  }
}

/** What the entry of the staff's app asks for by `import()`, to have it made in a task of its own, is loaded with the page. */
export function startWithThePage(): Plugin {
  return {
    name: 'clientshare:start-with-the-page',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { chunk, bundle, filename }) {
        if (!filename.endsWith('index.html')) return
        const files = chunk?.dynamicImports.flatMap((file) => {
          const asked = bundle![file]!
          return asked.type === 'chunk'
            ? [file, ...asked.imports]
            : []
        })
        return [
          ...new Set(files),
        ].filter(file => !chunk?.imports.includes(file)).map(file => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` },
          injectTo: 'head',
        }))
      },
    },
  }
}

/** Writes `.br` and `.gz` beside every text of the build; the server sends them as they are. */
export function precompress(): Plugin {
  let outDir = ''
  return {
    name: 'clientshare:precompress',
    apply: 'build',
    configResolved(config) {
      outDir = join(config.root, config.build.outDir)
    },
    closeBundle() {
      for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(?:js|css|html|svg|json)$/.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const bytes = readFileSync(path)
        if (bytes.length < 1024) continue
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, {
          params: {
            [constants.BROTLI_PARAM_QUALITY]: 10,
            [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
          },
        }))
      }
    },
  }
}
