import type { AuditEvent } from '../../api/generated/types.gen.ts'
import type { FactWords } from './event-facts.ts'
import { describe, expect, it } from 'vitest'
import { createFormat } from '../../utils/format.ts'
import { readFilters, toAuditQuery, writeFilters } from './composables/useActivityFilters.ts'
import { factsOf } from './event-facts.ts'
import { placeOf } from './event-places.ts'
import { partsOf, sentenceOf } from './event-words.ts'

const words = {
  role: (code: string) => `role:${code}`,
  spaceRole: (code: string) => `space:${code}`,
  reason: (code: string) => code,
  code: (code: string) => `code:${code}`,
  some: (first: string, more: number) => `${first} +${more}`,
  list: (all: string[]) => all.join(', '),
}
const id = '01990000-0000-7000-8000-000000000001'

describe('filters in the address', () => {
  it('come back as they went in', () => {
    const query = {
      person: id,
      kinds: 'files,links',
      outcome: 'refused',
      period: 'week',
      q: 'report',
    }
    expect(writeFilters(readFilters(query))).toEqual(query)
    const custom = { from: '2026-01-02', to: '2026-01-31' }
    expect(writeFilters(readFilters(custom))).toEqual(custom)
    expect(writeFilters(readFilters({ period: 'custom' }))).toEqual({ period: 'custom' })
  })

  it('leave out what means nothing', () => {
    expect(writeFilters(readFilters({
      person: 'x',
      kinds: 'files,toString',
      outcome: 'maybe',
      period: 'ever',
      from: 'yesterday',
      q: ['a', 'b'],
    }))).toEqual({ kinds: 'files' })
  })

  it('ask the server for whole local days', () => {
    const now = new Date(2026, 2, 15, 13, 45)
    expect(toAuditQuery({ kinds: [], period: 'today' }, now).from).toBe(new Date(2026, 2, 15).toISOString())
    expect(toAuditQuery({ kinds: [], period: 'week' }, now).from).toBe(new Date(2026, 2, 9).toISOString())
    const custom = toAuditQuery({
      kinds: ['links'],
      period: 'custom',
      from: '2026-03-01',
      to: '2026-03-31',
    }, now)
    expect(custom).toMatchObject({
      action: ['link.*'],
      from: new Date(2026, 2, 1).toISOString(),
      to: new Date(2026, 3, 1).toISOString(),
    })
  })
})

describe('requests', () => {
  it('are told by what was asked and what was made of it, without a name', () => {
    const subject = { kind: 'request' as const, id, name: '' }
    expect(sentenceOf({
      action: 'request.received',
      details: { kind: 'support' },
      subject,
    })).toBe('request.received_support')
    expect(sentenceOf({
      action: 'request.handled',
      details: { from: 'new', to: 'spam' },
      subject,
    })).toBe('request.handled_spam')
    expect(placeOf({ action: 'request.received', details: {}, subject }, undefined)).toMatchObject({ name: 'admin-requests' })
  })
})

describe('sentences', () => {
  const subject = { kind: 'member' as const, id, name: 'Ana' }

  it('tell a changed role from a changed role on files', () => {
    const role = {
      action: 'member.role_changed' as const,
      details: {
        role: { from: 'staff', to: 'admin' },
        spaceRole: { from: 'viewer', to: null },
      },
    }
    expect(sentenceOf({ ...role, subject })).toBe('member.role_changed')
    expect(partsOf(role, words)).toMatchObject({ from: 'role:staff', to: 'role:admin' })
    const space = {
      action: 'member.role_changed' as const,
      details: {
        role: { from: 'staff', to: 'staff' },
        spaceRole: { from: null, to: 'editor' },
      },
    }
    expect(sentenceOf({ ...space, subject })).toBe('member.space_role_changed')
    expect(partsOf(space, words)).toMatchObject({ from: 'space:', to: 'space:editor' })
  })

  it('link to what is still there', () => {
    const file = {
      subject: { kind: 'file' as const, id, name: 'a.pdf' },
      details: { parentId: 'folder' },
    }
    expect(placeOf({ ...file, action: 'file.uploaded' }, 'acme')).toEqual({
      name: 'files',
      params: { slug: 'acme', folderId: 'folder' },
      query: { panel: id },
    })
    expect(placeOf({ ...file, action: 'item.purged' }, 'acme')).toBeUndefined()
    expect(placeOf({ ...file, action: 'file.uploaded' }, undefined)).toBeUndefined()
    expect(placeOf({ action: 'item.trashed', ...file }, 'acme')).toMatchObject({ name: 'trash' })
    const link = {
      action: 'link.opened' as const,
      subject: { kind: 'link' as const, id, name: 'Plans' },
      details: {},
    }
    expect(placeOf(link, 'acme')).toEqual({
      name: 'links-link',
      params: { slug: 'acme', linkId: id },
    })
    // One that the reader may not see.
    expect(placeOf({
      ...link,
      subject: { kind: 'link', id: null, name: '' },
    }, 'acme')).toBeUndefined()
  })
})

describe('downloads by a link', () => {
  const subject = { kind: 'link' as const, id, name: 'Plans' }
  const told = (details: Record<string, unknown>) => {
    const event = { action: 'link.downloaded' as const, details, subject }
    return [
      sentenceOf(event),
      partsOf(event, words).items,
    ]
  }
  const annex = { id, kind: 'file', name: 'Annex A.pdf' }
  const plan = { id, kind: 'file', name: 'Plan.pdf' }

  it('say which file, how many of how many, or all', () => {
    const one = {
      kind: 'file',
      items: [annex],
      itemCount: 1,
      fileCount: 1,
    }
    expect(told({ ...one, linkFileCount: 22 })).toEqual(['link.downloaded_one', 'Annex A.pdf'])
    expect(told({ ...one, linkFileCount: 1 })).toEqual(['link.downloaded_items', 'Annex A.pdf'])
    const some = {
      kind: 'archive',
      items: [annex, plan],
      itemCount: 3,
    }
    expect(told({ ...some, fileCount: 3, linkFileCount: 22 })).toEqual(['link.downloaded_some', 'Annex A.pdf +2'])
    expect(told({ ...some, fileCount: 22, linkFileCount: 22 })).toEqual(['link.downloaded_all', 'Annex A.pdf +2'])
  })

  it('of earlier times say what they know', () => {
    expect(told({
      items: [annex],
    })).toEqual(['link.downloaded_items', 'Annex A.pdf'])
    expect(told({})).toEqual(['link.downloaded', ''])
  })
})

describe('facts', () => {
  const format = createFormat('en', 'UTC')
  const say: FactWords = {
    ...words,
    change: (from, to) => `${from} → ${to}`,
    nothing: '–',
    never: 'never',
    unlimited: 'unlimited',
    flag: value => value ? 'yes' : 'no',
  }
  const facts = (action: AuditEvent['action'], details: Record<string, unknown>) => Object.fromEntries(factsOf({ action, details }, say, format))

  it('are in the reader’s words, without ids', () => {
    expect(facts('link.changed', {
      changed: ['title', 'expiresAt'],
      title: { from: null, to: 'Plans' },
      expiresAt: { from: '2026-01-02T03:04:05Z', to: null },
      maxDownloads: { from: 2, to: null },
      hasPassword: { from: false, to: true },
    })).toEqual({
      changed: 'code:title, code:expiresAt',
      title: '– → Plans',
      expiresAt: expect.stringMatching(/^Jan 2, 2026, 3:04\sAM → never$/),
      maxDownloads: '2 → unlimited',
      hasPassword: 'no → yes',
    })
    expect(facts('file.uploaded', {
      parentId: id,
      parentName: 'Plans',
      version: 2,
      size: 4_200_000,
      sha256: null,
    })).toEqual({
      parentName: 'Plans',
      version: '2',
      size: '4.2 MB',
      sha256: '–',
    })
    expect(facts('item.moved', {
      from: 'Drafts',
      fromId: id,
      to: 'Final',
      toId: id,
    })).toEqual({ from: 'Drafts', to: 'Final' })
    expect(facts('request.handled', { from: 'new', to: 'spam' })).toEqual({ from: 'code:new', to: 'code:spam' })
  })

  it('leave out what says nothing', () => {
    expect(facts('member.role_changed', {
      userId: id,
      role: { from: 'staff', to: 'staff' },
      spaceRole: { from: null, to: 'editor' },
    })).toEqual({ spaceRole: 'space: → space:editor' })
    expect(facts('archive.downloaded', {
      items: [
        { id, kind: 'file', name: 'a' },
      ],
      itemCount: 1,
    })).toEqual({ items: 'a' })
  })

  it('show what this page does not know yet as it is', () => {
    expect(facts('file.uploaded', {
      novelty: { deep: 1 },
    })).toEqual({ novelty: '{"deep":1}' })
  })
})
