import type { DownloadUrl, PolicyListing, PublicLink, PublicLinkItem, UnlockAnswer } from '../../../api/generated/types.gen.ts'
import { computed, ref, shallowRef, watch } from 'vue'
import { getBegun, requestJson } from '../../../api/http.ts'
import { toProblem } from '../../../api/problem.ts'
import { chosenLanguage } from '../../../locales/index.ts'

export type LinkView
  = | { state: 'loading' }
    | { state: 'locked', workspaceName?: string }
    | { state: 'open', link: PublicLink }
  /** Unknown, expired, revoked, used up: nobody outside can tell. */
    | { state: 'gone' }
    | { state: 'failed', error: unknown }

export interface StartedDownload {
  /** Of the file that comes. */
  name: string
  /** May be asked for again for a short while, at no further cost; of a limited link, until all of it has come. */
  url: string
  wasLast: boolean
}

/** Below `/api/v1`. */
export const linkPath = (token: string) => `/public/links/${encodeURIComponent(token)}`

/**
 * A link as its visitor has it. What unlocks it stays in memory (and in a cookie that no script can read, for a reload); the token is
 * in the address alone. Asking for the link counts as an opening, so this is done once and the count of downloads is kept here.
 */
export function usePublicLink(token: string) {
  const view = shallowRef<LinkView>({ state: 'loading' })
  /** Of the workspace. The page is one without them. */
  const policies = shallowRef<PolicyListing[]>([])
  const started = shallowRef<StartedDownload>()
  const failed = shallowRef<unknown>()
  /** Id of what is being asked for; `all` for everything. */
  const starting = ref<string>()
  /** The link was open and is locked again: its password changed, or the grant ran out. */
  const lockedAgain = ref(false)
  let grant: string | undefined

  const link = computed(() => view.value.state === 'open'
    ? view.value.link
    : undefined)

  function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return requestJson<T>(method, `${linkPath(token)}${path}`, body, grant === undefined
      ? {}
      : { 'x-link-grant': grant })
  }

  const ask = () => grant === undefined
    ? getBegun<PublicLink>(linkPath(token))
    : call<PublicLink>('GET', '')

  /** Whether the error is about the link itself, and the page now says so. */
  function showState(error: unknown): boolean {
    const { code, status, body } = toProblem(error)
    if (code === 'link.locked') {
      const workspaceName = typeof body.workspaceName === 'string'
        ? body.workspaceName
        : link.value?.workspaceName
      lockedAgain.value = grant !== undefined
      grant = undefined
      view.value = { state: 'locked', workspaceName }
      return true
    }
    // A token of impossible length is refused as such; to who holds it, it is a link that does not work.
    if (code === 'link.not_found' || status === 400 || status === 414) {
      view.value = { state: 'gone' }
      return true
    }
    return false
  }

  async function listPolicies() {
    const language = chosenLanguage()
    const answer = await call<{ items: PolicyListing[] }>('GET', `/policies${language
      ? `?language=${language}`
      : ''}`).catch(() => undefined)
    if (answer) policies.value = answer.items
  }
  watch(chosenLanguage, () => {
    if (link.value) void listPolicies()
  })

  async function open() {
    try {
      view.value = { state: 'open', link: await ask() }
      void listPolicies()
    }
    catch (error) {
      if (!showState(error)) view.value = { state: 'failed', error }
    }
  }

  /** @throws {ProblemError} `link.wrong_password`, `rate.limited` with seconds to wait, or no answer */
  async function unlock(password: string) {
    try {
      const answer = await call<UnlockAnswer>('POST', '/unlock', { password })
      grant = answer.grant
      lockedAgain.value = false
    }
    catch (error) {
      if (!showState(error)) throw error
      return
    }
    await open()
  }

  /** One page of a folder inside the link; null when the page says instead that the link is closed. */
  async function listFolder(folderId: string, cursor?: string | null) {
    const query = new URLSearchParams({
      parentId: folderId,
      limit: '100',
      ...cursor
        ? { cursor }
        : {},
    })
    try {
      return await call<{ items: PublicLinkItem[], nextCursor: string | null }>('GET', `/items?${query}`)
    }
    catch (error) {
      if (toProblem(error).code === 'link.locked' && showState(error)) return null
      throw error
    }
  }

  async function download(item?: Pick<PublicLinkItem, 'id'>) {
    if (starting.value) return
    starting.value = item?.id ?? 'all'
    failed.value = undefined
    try {
      const { url, name } = await call<DownloadUrl>('POST', '/download', item
        ? { itemId: item.id }
        : {})
      const current = link.value
      const downloadsLeft = current?.downloadsLeft == null
        ? null
        : Math.max(0, current.downloadsLeft - 1)
      if (current) {
        view.value = {
          state: 'open',
          link: { ...current, downloadsLeft },
        }
      }
      started.value = {
        name,
        url,
        wasLast: downloadsLeft === 0,
      }
      startInBrowser(url)
    }
    catch (error) {
      started.value = undefined
      if (!showState(error)) failed.value = error
    }
    finally {
      starting.value = undefined
    }
  }

  return {
    view,
    link,
    policies,
    lockedAgain,
    started,
    starting,
    failed,
    open,
    unlock,
    listFolder,
    download,
  }
}

export type PublicLinkState = ReturnType<typeof usePublicLink>

/** The browser's own download, with its own progress; the page stays, even when the server refuses. */
function startInBrowser(url: string) {
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = ''
  document.body.append(anchor)
  anchor.click()
  anchor.remove()
}
