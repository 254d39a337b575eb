export interface Device {
  /** `Firefox 131`, `curl`: product names, the same in every language. */
  browser?: string
  system?: string
}

/** The first that matches counts: browsers carry the names of those they are built on (RFC 9110 §10.1.5 asks for nothing better). */
const browsers: [name: string, pattern: RegExp][] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\/(\d+)/],
  ['Opera', /\b(?:OPR|OPT|OPiOS)\/(\d+)/],
  ['Samsung Internet', /\bSamsungBrowser\/(\d+)/],
  ['Vivaldi', /\bVivaldi\/(\d+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /\b(?:HeadlessChrome|Chrome|CriOS|Chromium)\/(\d+)/],
  ['Safari', /\bVersion\/(\d+)(?:\.\d+)* (?:Mobile\/\S+ )?Safari\//],
]

const systems: [name: string, pattern: RegExp][] = [
  ['Windows', /\bWindows\b/],
  ['iPadOS', /\biPad\b/],
  ['iOS', /\b(?:iPhone|iPod)\b/],
  ['Android', /\bAndroid\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\b(?:Macintosh|Mac OS X|Darwin)\b/],
  ['Linux', /\bLinux\b|\bX11\b/],
]

/** What a User-Agent header says of itself; it may say anything, so nothing is decided by it. */
export function parseUserAgent(userAgent: string): Device {
  const system = systems.find(([, pattern]) => pattern.test(userAgent))?.[0]
  for (const [name, pattern] of browsers) {
    const version = pattern.exec(userAgent)?.[1]
    if (version) return { browser: `${name} ${version}`, system }
  }
  // Programs name themselves first: `curl/8.5.0`, `python-requests/2.32`, `node`.
  const product = /^([\w.-]{1,40})(?:\/(\d+))?/.exec(userAgent.trim())
  if (!product || product[1] === 'Mozilla') return { system }
  return {
    browser: product[2]
      ? `${product[1]} ${product[2]}`
      : product[1],
    system,
  }
}
