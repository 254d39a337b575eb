/** A name as it may stand in an address: “Acme & Söhne GmbH” → “acme-soehne-gmbh”. At most 48 characters; may be empty. */
export function slugify(name: string): string {
  return name
    .toLowerCase()
    .replace(/[äöüßæøœ]/g, letter => ({
      ä: 'ae',
      ö: 'oe',
      ü: 'ue',
      ß: 'ss',
      æ: 'ae',
      ø: 'oe',
      œ: 'oe',
    })[letter]!)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 48)
    .replace(/^-|-$/g, '')
}
