/** The server's rule: length alone. */
export const passwordMinLength = 12

export type PasswordStrength = 'empty' | 'short' | 'weak' | 'fair' | 'strong'

const sequences = '0123456789 abcdefghijklmnopqrstuvwxyz qwertzuiop qwertyuiop asdfghjkl'

/** How many characters of it surprise: a repeated one or one that goes on in a known sequence does not. */
function surprising(password: string): number {
  const text = password.toLowerCase()
  let count = 0
  for (let index = 0; index < text.length; index++) {
    const pair = text.slice(index - 1, index + 1)
    const repeated = index > 0 && text[index] === text[index - 1]
    const continued = index > 0 && (sequences.includes(pair) || sequences.includes([...pair].reverse().join('')))
    const echoed = index > 2 && text.indexOf(text.slice(index - 2, index + 1)) < index - 2
    if (!repeated && !continued && !echoed) count++
  }
  return count
}

/** A hint, not a gate: the server decides. `own` are words that others know (name, e-mail, instance). */
export function passwordStrength(password: string, own: string[] = []): PasswordStrength {
  if (password === '') return 'empty'
  if ([...password].length < passwordMinLength) return 'short'
  const bare = own.filter(word => word.length > 2).reduce((rest, word) => rest.toLowerCase().replaceAll(word.toLowerCase(), ''), password)
  const count = surprising(bare)
  if (count < 9) return 'weak'
  return count < 14
    ? 'fair'
    : 'strong'
}
