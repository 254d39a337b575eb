/** A new release replaces the chunks that an open tab still names: load the page afresh, but not in a circle. */
export function reloadForNewRelease(path: string) {
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
