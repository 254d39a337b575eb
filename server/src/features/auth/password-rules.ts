import { passwordWeak } from './auth.errors.ts'

const MIN_LENGTH = 12
const MAX_LENGTH = 128

/**
 * Words that most guessed passwords are made of. A password is refused when nothing much is left of it once these, repeats and
 * keyboard or number runs are taken out; so one entry stands for all its decorated forms ("P@ssw0rd2026!!").
 */
const commonWords = [
  'clientshare',
  'password',
  'passwort',
  'passphrase',
  'kennwort',
  'geheim',
  'secret',
  'administrator',
  'admin',
  'operator',
  'welcome',
  'willkommen',
  'letmein',
  'changeme',
  'default',
  'login',
  'master',
  'iloveyou',
  'ichliebedich',
  'sunshine',
  'princess',
  'football',
  'baseball',
  'superman',
  'batman',
  'dragon',
  'monkey',
  'shadow',
  'starwars',
  'pokemon',
  'freedom',
  'whatever',
  'trustno',
  'internet',
  'computer',
  'company',
  'summer',
  'winter',
  'spring',
  'autumn',
  'sommer',
  'january',
  'february',
  'august',
  'september',
  'october',
  'november',
  'december',
  'monday',
  'friday',
  'correcthorsebatterystaple',
  'test',
  'demo',
  'user',
  'guest',
  'root',
  'hello',
  'hallo',
  'love',
  'abc',
]
const runs = [
  '01234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'yxcvbnm',
  'zxcvbnm',
  '1q2w3e4r5t6z7u8i9o0p',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
]
/** Characters left over that no word, run or repeat explains. */
const MIN_SURPRISING = 5

const spelledAs: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  '$': 's',
  '!': 'i',
}
const unspell = (text: string) => [...text].map(character => spelledAs[character] ?? character).join('')

/** What others know of somebody: the parts of their name and address that are long enough to matter. */
const wordsOf = (texts: readonly string[]) => texts.flatMap(text => text.normalize('NFKC').toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter(word => [...word].length >= 3)

const byLength = (words: readonly string[]) => [...words].sort((a, b) => b.length - a.length)
const without = (text: string, words: readonly string[]) => byLength(words).reduce((rest, word) => rest.replaceAll(word, ' '), text)

/** The longest pieces of a run, forwards or backwards, go; three characters are the shortest that count as one. */
function withoutRuns(text: string): string {
  const ways = runs.flatMap(run => [
    run,
    [...run].reverse().join(''),
  ])
  let rest = ''
  for (let at = 0; at < text.length;) {
    let length = 0
    for (let size = 3; at + size <= text.length && ways.some(way => way.includes(text.slice(at, at + size))); size++) length = size
    rest += length ? ' ' : text[at]
    at += length || 1
  }
  return rest
}

/** Distinct characters that are neither years nor part of what repeats. */
const surprising = (text: string) => new Set(text.replaceAll(/(?:19|20)\d\d/g, ' ').replaceAll(/[^\p{L}\p{N}]/gu, '')).size

/**
 * Why a password cannot be used; undefined when it can. By length and a blocklist, without rules on its composition (NIST SP 800-63B §3.1.1.2).
 * @param known what others know of the person: their name, their e-mail address, the instance's name
 */
export function passwordProblem(password: string, known: readonly string[] = []): string | undefined {
  const text = password.normalize('NFKC')
  const { length } = [...text]
  if (length < MIN_LENGTH) return `A password needs at least ${MIN_LENGTH} characters`
  if (length > MAX_LENGTH) return `A password can have at most ${MAX_LENGTH} characters`
  const lower = text.toLowerCase()
  const own = wordsOf(known)
  const left = (written: string, words: readonly string[]) => surprising(withoutRuns(without(written, words)))
  // In both spellings: the plain one may be a run of digits, the other one a word.
  const readings = [
    lower,
    unspell(lower),
  ]
  if (new Set(lower).size < MIN_SURPRISING || readings.some(reading => left(reading, commonWords) < MIN_SURPRISING)) return 'This password is among the first that somebody would try'
  if (readings.some(reading => left(reading, [
    ...commonWords,
    ...own,
  ]) < MIN_SURPRISING)) {
    return 'This password is made of your name, your e-mail address or words that everybody tries'
  }
  return undefined
}

/** @throws {AppError} `auth.password_weak` that points at the field */
export function requireGoodPassword(password: string, known: readonly string[], pointer = '/password'): void {
  const detail = passwordProblem(password, known)
  if (detail !== undefined) {
    throw passwordWeak({
      detail,
      fields: [
        { pointer, detail },
      ],
    })
  }
}
