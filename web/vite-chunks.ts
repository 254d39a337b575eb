import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

interface Modules { getModuleInfo: (id: string) => { importedIds: readonly string[] } | null }

const linkPage = '/src/features/public-links/pages/LinkPage.vue'
const filesPage = '/src/features/items/pages/FilesPage.vue'

const pagesOf = (root: string) => readdirSync(join(root, 'src/features'), { recursive: true, encoding: 'utf8' })
  .map(path => `/src/features/${path}`)
  .filter(path => /\/pages\/\w+\.vue$/.test(path) && path !== linkPage && path !== filesPage)
/** What stands at the foot of every staff page. */
const docksOf = (root: string) => readdirSync(join(root, 'src/features'))
  .map(feature => `/src/features/${feature}/AppDock.vue`)
  .filter(path => existsSync(root + path))
/** What starts the visitors' app stays by itself: the staff's app has the layout of public pages from `visitor`, and would start both. */
const starts = (id: string) => /\/visitor\.html$|\/src\/visitor\/main\.ts$/.test(id)
const isVisitors = (path: string) => /\/public-links\/|\/visitor\//.test(path)

/** Where first views begin, and what else there is to see. */
const views = {
  // All pages of policies share the last one, which is too small to be asked for by itself.
  visitor: () => ['/visitor.html', '/src/layouts/PublicLayout.vue', '/src/features/policies/visitor/composables/use-policy.ts'],
  link: () => [linkPage],
  visitorPages: (root: string) => pagesOf(root).filter(isVisitors),
  // The sign-in page is what the app begins with.
  start: () => [
    '/src/start.ts',
    '/src/layouts/AuthLayout.vue',
    '/src/features/auth/pages/LoginPage.vue',
  ],
  shell: (root: string) => [
    '/src/layouts/AppLayout.vue',
    ...docksOf(root),
  ],
  files: () => [filesPage],
  staffPages: (root: string) => pagesOf(root).filter(path => !isVisitors(path)),
}
type View = keyof typeof views

/** Everything is imported through their index, so who imports them does not tell who uses them. The bundler knows, and puts them where they are used. */
const indexed = /\/node_modules\/(?:reka-ui|@floating-ui|@internationalized|aria-hidden)\//
const nuxtUi = /\/node_modules\/@nuxt\/ui\/|virtual:nuxt-ui/

function reached(modules: Modules, roots: readonly string[], stop: (id: string) => boolean): Set<string> {
  const seen = new Set<string>()
  const waiting = [...roots]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id) || stop(id)) continue
    seen.add(id)
    waiting.push(...modules.getModuleInfo(id)?.importedIds ?? [])
  }
  return seen
}

/**
 * The files of the build, so that a first view takes few requests: left alone, the bundler makes one for every set of pages that share
 * something, 79 for the list of files. What both apps need at first is `base`, what every page of one of them begins with `visitor` or
 * `start`, what stands around the pages of the staff `shell`; `link` and `files` are the two pages most asked for. All other pages, dialogs and
 * languages stay files of their own.
 */
export function chunksByFirstView(root: string) {
  let found: Record<View, Set<string>> | undefined
  const inAny = (id: string, ...views: View[]) => views.some(view => found![view].has(id))
  const chunks = {
    // The helper for `import()`: the entries, which are small, have it from there.
    base: (id: string) => id.includes('vite/preload-helper') || (inAny(id, 'visitor', 'link') && inAny(id, 'start', 'shell', 'files', 'staffPages'))
      || (inAny(id, 'visitorPages') && inAny(id, 'start', 'shell', 'files')),
    visitor: (id: string) => (inAny(id, 'visitor') && !starts(id)) || (inAny(id, 'link') && inAny(id, 'visitorPages')),
    start: (id: string) => inAny(id, 'start'),
    shell: (id: string) => inAny(id, 'shell') || (inAny(id, 'files') && inAny(id, 'staffPages')),
    link: (id: string) => inAny(id, 'link'),
    files: (id: string) => inAny(id, 'files'),
  }
  return {
    groups: [
      ...Object.entries(chunks).map(([name, holds], index) => ({
        name(id: string, modules: Modules) {
          found ??= Object.fromEntries(Object.entries(views).map(([view, roots]) => [
            view,
            // Visitors' pages have of Nuxt UI its icon, and no more shall come by way of it.
            reached(modules, roots(root).map(path => root + path), id => indexed.test(id) || (/^(?:visitor|link|start)/.test(view) && nuxtUi.test(id))),
          ])) as Record<View, Set<string>>
          return holds(id)
            ? name
            : null
        },
        debugName: name,
        priority: 9 - index,
      })),
      // What renders Markdown, and the part that shows it: some pages ask for both, some for the first.
      {
        name: 'markdown',
        test: /\/src\/(?:utils\/markdown\.ts|components\/MarkdownView\.vue)|\/node_modules\/(?:markdown-it|linkify-it|mdurl|uc\.micro|entities|punycode\.js)\//,
        priority: 0.5,
      },
      {
        name: 'ui',
        test: /\/node_modules\/(?:reka-ui|@floating-ui|@internationalized|aria-hidden|@nuxt\/ui)\/|virtual:nuxt-ui/,
        entriesAware: true,
        entriesAwareMergeThreshold: 20_000,
        priority: 1,
      },
      // Not a file for each icon that two pages share.
      {
        name: 'icons',
        test: /virtual:icon\//,
        entriesAware: true,
        entriesAwareMergeThreshold: 1500,
      },
    ],
  }
}
