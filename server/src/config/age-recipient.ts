const LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'

/**
 * Whether this is a public key of age that a file can be encrypted for and opened again with an identity alone: `age1…`, or `age1pq1…`, which
 * quantum computers do not break. Its checksum is Bech32's (BIP 173), so that a slip is told when the settings are read.
 */
export function isRecipient(text: string): boolean {
  const [, prefix, data] = /^(age|age1pq)1([02-9a-z]+)$/.exec(text) ?? []
  if (prefix === undefined || data === undefined) return false
  const values = Array.from(data, letter => LETTERS.indexOf(letter))
  return !values.includes(-1) && checksumOf([
    ...Array.from(prefix, letter => letter.charCodeAt(0) >> 5),
    0,
    ...Array.from(prefix, letter => letter.charCodeAt(0) & 31),
    ...values,
  ]) === 1
}

function checksumOf(values: readonly number[]): number {
  const generator = [
    0x3B6A57B2,
    0x26508E6D,
    0x1EA119FA,
    0x3D4233DD,
    0x2A1462B3,
  ]
  let checksum = 1
  for (const value of values) {
    const top = checksum >>> 25
    checksum = (checksum & 0x1FFFFFF) << 5 ^ value
    for (const [bit, term] of generator.entries()) checksum ^= top >> bit & 1 && term
  }
  return checksum
}
