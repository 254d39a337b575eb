import { shallowRef } from 'vue'

const icons = shallowRef<Record<string, string>>({})
let loading: Promise<void> | undefined

/** They come with the first problem: a page's first load is without them. */
async function load(): Promise<void> {
  icons.value = (await import('./problem-icons.ts')).problemIcons
}

/** What kind of trouble it is; of what no server of ours named (the network's, a proxy's), and where they cannot be loaded, that it is trouble. */
export function problemIcon(code: string): string {
  loading ??= load().catch(() => { loading = undefined })
  return icons.value[code] ?? 'i-lucide-circle-alert'
}
