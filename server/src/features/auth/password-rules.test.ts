import { describe, expect, it } from 'vitest'
import { passwordProblem } from './password-rules.ts'

describe('passwordProblem', () => {
  it.each([
    'drizzle-on-the-tin-roof',
    'Vier Katzen tanzen im Regen',
    'kX9#mQ2vL7pW',
    'Zwölf Brücken im Nebel',
    '日本語のながいパスワードです',
    'mein Passwort ist wirklich lang genug',
  ])('accepts %j', (password) => {
    expect(passwordProblem(password, ['Ana Weber', 'ana.weber@example.com'])).toBeUndefined()
  })

  it.each([
    ['too short', 'kX9#mQ2vL7p', /at least 12/],
    ['short in characters, long in bytes', '🙂🙂🙃🙂🙂😀', /at least 12/],
    [
      'too long',
      'kX9#mQ2vL7pW'.repeat(11),
      /at most 128/,
    ],
    ['one word, decorated', 'Password2026!', /first that somebody would try/],
    ['one word, spelled in digits', 'P@ssw0rd1234!', /first that somebody would try/],
    ['the product', 'ClientShare2026', /first that somebody would try/],
    ['the product twice', 'clientshareclientshare', /first that somebody would try/],
    ['a number run', '123456789012345', /first that somebody would try/],
    ['a keyboard run', 'qwertzuiopasdfghjkl', /first that somebody would try/],
    ['a run backwards', '9876543210zyxwv', /first that somebody would try/],
    ['one character', 'aaaaaaaaaaaaaaaa', /first that somebody would try/],
    ['a repeated group', 'abab12abab12abab', /first that somebody would try/],
    ['a season and a year', 'Sommer2026Sommer2026', /first that somebody would try/],
    ['the name', 'Anastasia-1984!!', /made of your name/],
    ['the address', 'weberconsulting2026', /made of your name/],
  ])('refuses %s', (_what, password, problem) => {
    expect(passwordProblem(password, ['Anastasia Weber', 'office@weber-consulting.example'])).toMatch(problem)
  })
})
