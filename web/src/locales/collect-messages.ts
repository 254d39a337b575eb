/**
 * `{ './en/common.json': {…}, '../features/public-links/locales/visitor.en.json': {…} }` → `{ common: {…}, visitor: { publicLinks: {…} } }`:
 * a feature's messages are named like the feature, what no feature owns like its file.
 */
export function collectMessages(files: Record<string, unknown>): Record<string, unknown> {
  const messages: Record<string, unknown> = {}
  const visitor: Record<string, unknown> = {}
  for (const [path, words] of Object.entries(files)) {
    const [, feature, file] = /(?:\/features\/([^/]+)\/locales)?\/([^/]+)\.json$/.exec(path)!
    if (!feature) messages[file!] = words
    else if (file!.startsWith('visitor.')) visitor[camelCase(feature)] = words
    else messages[camelCase(feature)] = words
  }
  return Object.keys(visitor).length > 0
    ? { ...messages, visitor }
    : messages
}

export const camelCase = (name: string) => name.replace(/-./g, part => part[1]!.toUpperCase())
