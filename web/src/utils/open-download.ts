/** Starts a download by its address: the page stays, and an error of the server becomes a failed download, not another page. */
export function openDownload(url: string) {
  const link = document.createElement('a')
  link.href = url
  link.download = ''
  link.rel = 'noopener'
  document.body.append(link)
  link.click()
  link.remove()
}
