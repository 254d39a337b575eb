import type { Visit } from './visit-count.ts'
import { expect, it } from 'vitest'
import { isCountedPath } from './paths.ts'
import { messageOf } from './visit-count.ts'

const visit: Visit = {
  url: 'https://files.example.com/policies/privacy',
  title: 'Privacy & more',
  from: 'https://search.example',
  language: 'de-AT',
}
const server = { address: 'https://stats.example.com/api', site: '7' }

it('tells each server of a visit as it wants to hear it', () => {
  const plausible = messageOf({ ...server, tool: 'plausible' }, { ...visit, from: '' })
  expect(plausible.type).toBe('application/json')
  expect(JSON.parse(plausible.body)).toEqual({
    name: 'pageview',
    domain: '7',
    url: visit.url,
    referrer: null,
  })
  expect(JSON.parse(messageOf({ ...server, tool: 'umami' }, visit).body)).toEqual({
    type: 'event',
    payload: {
      website: '7',
      hostname: 'files.example.com',
      url: '/policies/privacy',
      title: 'Privacy & more',
      referrer: 'https://search.example',
      language: 'de-AT',
    },
  })
  const matomo = new URLSearchParams(messageOf({ ...server, tool: 'matomo' }, visit).body)
  expect(Object.fromEntries(matomo)).toMatchObject({
    idsite: '7',
    rec: '1',
    url: visit.url,
    action_name: 'Privacy & more',
    urlref: 'https://search.example',
    lang: 'de-AT',
  })
})

it.each([
  ['/home', true],
  ['/policies/privacy', true],
  ['/contact', true],
  ['/policies', true],
  ['/policies/privacy/versions/2', true],
  ['/policies/w/a-customer/terms', false],
  ['/s/a-token', false],
  ['/requests', false],
  ['/', false],
])('counts %s: %s', (path, counts) => {
  expect(isCountedPath(path)).toBe(counts)
})
