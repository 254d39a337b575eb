/* Runs before the first paint, as a file because the CSP forbids inline scripts. The key is the one @vueuse/core's useDark keeps. */
(function () {
  let choice = null
  try {
    choice = localStorage.getItem('vueuse-color-scheme')
  }
  catch {}
  const dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', dark)
})()
