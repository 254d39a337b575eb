/* A workspace's own provider: its button is shown to whoever came by its address, and in that browser from then on. */

const KEY = 'clientshare.sign-in-with'

/** Storage may be off. */
export function rememberedOwnProvider(): string | undefined {
  try { return localStorage.getItem(KEY) ?? undefined }
  catch { return undefined }
}

export function rememberOwnProvider(slug: string | undefined): void {
  try {
    slug === undefined
      ? localStorage.removeItem(KEY)
      : localStorage.setItem(KEY, slug)
  }
  catch {}
}
