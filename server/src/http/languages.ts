const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })

/** Whether Intl knows it: a primary tag of BCP 47, two or three letters. */
export function isLanguage(tag: string): boolean {
  return /^[a-z]{2,3}$/.test(tag) && names.of(tag) !== undefined
}

/** What a reader's browser asks for (RFC 9110 §12.5.4), best first, as primary tags. */
export function languagesOf(acceptLanguage: string | undefined): string[] {
  const wanted = (acceptLanguage ?? '').slice(0, 1000).split(',').map((part) => {
    const [tag, ...parameters] = part.trim().toLowerCase().split(/\s*;\s*/)
    const weight = Number(parameters.find(parameter => parameter.startsWith('q='))?.slice(2) ?? 1)
    return { language: tag!.split('-')[0]!, weight }
  })
  return [
    ...new Set(wanted.filter(({ language, weight }) => /^[a-z]{2,3}$/.test(language) && weight > 0).sort((a, b) => b.weight - a.weight).map(({ language }) => language)),
  ]
}
