import type { Router, RouterScrollBehavior } from 'vue-router'

/** Back to where it was, to what the address names, or to the top of another page. */
export const scrollBehavior: RouterScrollBehavior = (to, from, saved) => {
  if (saved) return saved
  if (to.hash) return { el: to.hash }
  return to.path === from.path
    ? undefined
    : { top: 0 }
}

/** A new release replaces the chunks that an open tab still names: loads the page afresh then. */
export function reloadForNewRelease(router: Router) {
  router.onError((error, to) => {
    if (/dynamically imported module|importing a module script/i.test(String(error?.message))) reload(to.fullPath)
  })
}

/** Not in a circle. */
function reload(path: string) {
  const key = 'clientshare.reloaded'
  try {
    if (Date.now() - Number(sessionStorage.getItem(key) ?? 0) < 10_000) return
    sessionStorage.setItem(key, String(Date.now()))
  }
  catch {
    return
  }
  location.assign(path)
}
