import { describe, expect, it } from 'vitest'
import { readFilters, toAuditQuery, writeFilters } from './composables/useActivityFilters.ts'
import { partsOf, placeOf, sentenceOf } from './event-words.ts'

const words = {
  role: (code: string) => `role:${code}`,
  spaceRole: (code: string) => `space:${code}`,
  reason: (code: string) => code,
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
  })
})
