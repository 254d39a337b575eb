import { keep, recall } from '../../utils/browser-storage.ts'

/* A workspace's own provider: its button is shown to whoever came by its address, and in that browser from then on. */

const KEY = 'clientshare.sign-in-with'

export const rememberedOwnProvider = (): string | undefined => recall(KEY) ?? undefined

export function rememberOwnProvider(slug: string | undefined): void {
  keep(KEY, slug ?? null)
}
