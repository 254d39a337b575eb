/** “Ana María Ruiz” → “AR”, “j.meyer@borealis.de” → “JM” */
export function initials(name: string): string {
  const words = name.replace(/@.*$/, '').split(/[\s._-]+/).filter(Boolean)
  const first = words[0] ?? ''
  const last = words.length > 1
    ? words.at(-1)!
    : ''
  return [first, last].map(word => [...word][0] ?? '').join('').toLocaleUpperCase()
}

/** A hue from 0 to 359 that stays with the person (FNV-1a of the id). */
export function personHue(id: string): number {
  let hash = 0x811C9DC5
  for (const char of id) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0
  return hash % 360
}
