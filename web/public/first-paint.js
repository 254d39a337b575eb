/* Runs before the first paint, as a file because the CSP forbids inline scripts. */
(function () {
  /* Without the site's data asking throws. The keys are those of useTheme (@vueuse/core's), the session store and the ui store. */
  const kept = (key) => {
    try {
      return localStorage.getItem(key)
    }
    catch {
      return null
    }
  }
  const choice = kept('vueuse-color-scheme')
  const page = document.documentElement
  page.classList.toggle('dark', choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches))

  /* Which of the page's frames stands there until the app has come: what is around a staff page, or the card of the sign-in page. */
  const isStaffs = /^\/(?:$|(?:w|admin|account|notifications)(?:\/|$))/.test(location.pathname)
  page.dataset.frame = isStaffs && kept('clientshare.session')
    ? 'app'
    : 'card'
  if (kept('clientshare.sidebar.collapsed') === 'true') page.dataset.narrowAside = ''
})()
