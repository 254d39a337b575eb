import type { RouteLocationRaw, Router, RouterScrollBehavior } from 'vue-router'
import { ref } from 'vue'
import { START_LOCATION } from 'vue-router'
import { backOff, sleep } from './back-off.ts'
import { breathe } from './breathe.ts'
import { keep, recall } from './browser-storage.ts'

/** Back to where it was, to what the address names, or to the top of another page; the first one is there already, and asking would lay it out. */
export const scrollBehavior: RouterScrollBehavior = (to, from, saved) => {
  if (saved) return saved
  if (to.hash) return { el: to.hash }
  return to.path === from.path || from === START_LOCATION
    ? undefined
    : { top: 0 }
}

/** A step that Back takes back: what undoes the last one goes back itself, so that Back never leads to what is in view already. */
export function step(router: Router, to: RouteLocationRaw): void {
  if (history.state?.back === router.resolve(to).fullPath) router.back()
  else void router.push(to)
}

/** Until the browser says that it is online again, at most so many milliseconds. */
async function pause(ms: number): Promise<void> {
  const end = new AbortController()
  addEventListener('online', () => end.abort(), { signal: end.signal })
  await sleep(ms, end.signal)
  end.abort()
}

/** What was gone to or opened cannot be loaded; it is tried again. */
export const waitsForCode = ref(false)

/** Whether the app itself can be loaded. */
const isReachable = (): Promise<boolean> => fetch('/', { method: 'HEAD', cache: 'no-store' }).then(({ ok }) => ok, () => false)

/**
 * Waits until the app can be loaded, and shows that it does.
 * @param isWanted asked before each other try; without it any more, nobody waits
 * @returns how often it could not be
 */
export async function untilReachable(isWanted = () => true): Promise<number> {
  let tries = 0
  while (!await isReachable()) {
    if (!isWanted()) return tries
    waitsForCode.value = true
    await pause(backOff(tries++))
  }
  waitsForCode.value = false
  return tries
}

/** What the page's own HTML shows until there is an app goes as the first page comes, or with what is said instead of it. */
export function takeFrameAway(until: Promise<unknown> = Promise.resolve()) {
  void until.catch(() => {}).then(() => document.getElementById('frame')?.remove())
}

/** The first page is made in a task of its own, after the app's. */
export function paintBetween(router: Router) {
  router.beforeResolve(async (_to, from) => {
    if (from === START_LOCATION) await breathe()
  })
}

/**
 * What to do when the code of a place cannot be loaded. A new release replaces the files that an open tab still names: the page is loaded afresh then.
 * Where nothing can be reached, the app stays and goes there when it can, unless the person goes elsewhere.
 */
export function recoverLoading(router: Router) {
  let turn = 0
  router.afterEach((_to, _from, failure) => {
    if (failure) return
    turn++
    waitsForCode.value = false
  })
  router.onError(async (error, to) => {
    const message = String(error?.message)
    // A style that did not come is not asked for again by the page that it was missing in.
    const isStyle = /unable to preload css/i.test(message)
    if (!isStyle && !/dynamically imported module|importing a module script/i.test(message)) return
    const mine = ++turn
    const tries = await untilReachable(() => mine === turn)
    if (mine !== turn) return
    if (tries === 0 || isStyle) reload(to.fullPath)
    else void router.push(to.fullPath)
  })
}

/** Not in a circle. */
function reload(path: string) {
  if (Date.now() - Number(recall('clientshare.reloaded', 'session') ?? 0) < 10_000) return
  if (!keep('clientshare.reloaded', String(Date.now()), 'session')) return
  location.assign(path)
}
