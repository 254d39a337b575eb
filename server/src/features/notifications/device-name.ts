/** The first that matches counts: browsers carry the names of those they are built on. What the web shows of sessions and the log goes by the same (`user-agent.ts`). */
const browsers: readonly [name: string, pattern: RegExp][] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\/\d/],
  ['Opera', /\b(?:OPR|OPT|OPiOS)\/\d/],
  ['Samsung Internet', /\bSamsungBrowser\/\d/],
  ['Vivaldi', /\bVivaldi\/\d/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/\d/],
  ['Chrome', /\b(?:HeadlessChrome|Chrome|CriOS|Chromium)\/\d/],
  ['Safari', /\bVersion\/\d+(?:\.\d+)* (?:Mobile\/\S+ )?Safari\//],
]

const systems: readonly [name: string, pattern: RegExp][] = [
  ['Windows', /\bWindows\b/],
  ['iPadOS', /\biPad\b/],
  ['iOS', /\b(?:iPhone|iPod)\b/],
  ['Android', /\bAndroid\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\b(?:Macintosh|Mac OS X|Darwin)\b/],
  ['Linux', /\bLinux\b|\bX11\b/],
]

/** `Firefox, Linux`: product names, the same in every language. A User-Agent may say anything; undefined where it names nothing that is known. */
export function deviceName(userAgent: string | null): string | undefined {
  if (userAgent === null) return undefined
  const named = (known: typeof browsers) => known.find(([, pattern]) => pattern.test(userAgent))?.[0]
  // Programs name themselves first: `curl/8.5.0`.
  const program = /^[\w.-]{1,40}/.exec(userAgent.trim())?.[0]
  const browser = named(browsers) ?? (program === 'Mozilla'
    ? undefined
    : program)
  return [
    browser,
    named(systems),
  ].filter(name => name !== undefined).join(', ') || undefined
}
