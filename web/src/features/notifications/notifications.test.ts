import type { Notification } from '../../api/generated/types.gen.ts'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { notificationTypes, sentenceOf, targetOf, typesFor } from './notification-words.ts'

const src = join(import.meta.dirname, '../..')
interface Words { [key: string]: Words | string | undefined }
const at = (words: Words, path: string) => path.split('.').reduce<Words | string | undefined>((found, key) => typeof found === 'object'
  ? found[key]
  : undefined, words)

const notification = (given: Partial<Notification>): Notification => ({
  id: 'line',
  type: 'file.uploaded',
  at: '2027-03-01T12:00:00.000Z',
  isRead: false,
  count: 1,
  workspace: { id: 'w', slug: 'harbour', name: 'Harbour' },
  actor: { kind: 'user', id: 'ana', name: 'Ana' },
  subject: { kind: 'file', id: 'report', name: 'Report.pdf' },
  place: { id: 'contracts', name: 'Contracts' },
  details: {},
  ...given,
})
const reader = {
  userId: 'me',
  isOperator: false,
  slugs: ['harbour'],
}

describe('notifications', () => {
  const { components: { schemas } } = JSON.parse(readFileSync(join(src, '../../docs/api/openapi.json'), 'utf8')) as { components: { schemas: { Notification: { properties: { type: { enum: string[] } } } } } }

  it('are of the types that the server has', () => {
    expect(notificationTypes.toSorted()).toEqual(schemas.Notification.properties.type.enum.toSorted())
    const nobody = { isOperator: false, memberships: [] }
    expect(typesFor({ ...nobody, isOperator: true })).toContain('request.received')
    expect(typesFor(nobody)).not.toContain('request.received')
    expect(typesFor({
      ...nobody,
      memberships: [
        { role: 'admin' },
      ],
    })).toContain('watch.downloads')
    expect(typesFor({
      ...nobody,
      memberships: [
        { role: 'staff' },
      ],
    })).not.toContain('watch.downloads')
  })

  it.each(readdirSync(join(src, 'locales'), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name))('have a name and sentences for one and for many in %s', (locale) => {
    const words = JSON.parse(readFileSync(join(import.meta.dirname, `locales/${locale}.json`), 'utf8')) as Words
    const sentences = notificationTypes.flatMap(type => [
      notification({
        type,
        details: { kind: 'access' },
      }),
      notification({
        type,
        details: { kind: 'support' },
        place: null,
      }),
      notification({
        type,
        details: { kind: 'support', userId: 'me' },
      }),
    ]).map(each => sentenceOf(each, 'me'))
    expect(notificationTypes.filter(type => typeof at(words, `types.${type}`) !== 'string')).toEqual([])
    expect(sentences.filter(sentence => String(at(words, `sentences.${sentence}`)).split(' | ').length !== 2)).toEqual([])
  })

  it('lead to where it happened, as far as one comes', () => {
    expect(targetOf(notification({}), reader)).toEqual({
      name: 'files',
      params: { slug: 'harbour', folderId: 'contracts' },
      query: { panel: 'report' },
    })
    expect(targetOf(notification({ count: 2 }), reader)).toEqual({
      name: 'files',
      params: { slug: 'harbour', folderId: 'contracts' },
    })
    expect(targetOf(notification({ type: 'item.trashed', count: 2 }), reader)).toEqual({
      name: 'trash',
      params: { slug: 'harbour' },
    })
    expect(targetOf(notification({
      type: 'link.opened',
      subject: { kind: 'link', id: 'l', name: '' },
    }), reader)).toMatchObject({ name: 'links-link' })
    expect(targetOf(notification({
      type: 'member.ended',
      subject: { kind: 'member', id: 'm', name: '' },
    }), reader)).toMatchObject({ name: 'members' })
    expect(targetOf(notification({}), { ...reader, slugs: [] })).toBeUndefined()
    // Where one ends it.
    const ofSam = { kind: 'member', id: 'm', name: 'Sam' } as const
    expect(targetOf(notification({
      type: 'watch.downloads',
      place: null,
      subject: ofSam,
      details: { userId: 'sam' },
    }), reader)).toEqual({
      name: 'members',
      params: { slug: 'harbour' },
      query: { person: 'm' },
    })
    expect(targetOf(notification({
      type: 'watch.network',
      place: null,
      subject: ofSam,
      details: { userId: 'me' },
    }), reader)).toEqual({ name: 'account' })
    expect(targetOf(notification({
      type: 'watch.link_refusals',
      place: null,
      subject: { kind: 'link', id: 'l', name: '' },
    }), reader)).toMatchObject({ name: 'links-link' })
    expect(targetOf(notification({
      type: 'watch.account_refusals',
      workspace: null,
      place: null,
      subject: { kind: 'user', id: 'sam', name: 'Sam' },
    }), { ...reader, isOperator: true })).toEqual({
      name: 'admin-people',
      query: { q: 'Sam' },
    })
    const policy = notification({
      type: 'policy.published',
      workspace: null,
      place: null,
      subject: { kind: 'policy', id: 'p', name: 'Privacy' },
    })
    expect(targetOf(policy, reader)).toBe('/policies')
    expect(targetOf(policy, { ...reader, isOperator: true })).toMatchObject({ name: 'admin-policies-edit' })
  })
})
