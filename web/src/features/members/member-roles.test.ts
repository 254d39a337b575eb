import { describe, expect, it } from 'vitest'
import { assignableRoles, invitableRoles, mayManage } from './member-roles.ts'

describe('roles of members', () => {
  it('lets only owners touch owners', () => {
    expect(assignableRoles('owner')).toEqual(['owner', 'admin', 'staff'])
    expect(assignableRoles('admin')).toEqual(['admin', 'staff'])
    expect(assignableRoles('staff')).toEqual([])
    expect(['owner', 'admin', 'staff'].map(role => invitableRoles(role as 'owner'))).toEqual([
      [
        'client',
        'staff',
        'admin',
        'owner',
      ],
      ['client', 'staff', 'admin'],
      [],
    ])
    expect(mayManage('admin', { role: 'owner' })).toBe(false)
    expect(mayManage('owner', { role: 'owner' })).toBe(true)
    expect(mayManage('admin', { role: 'admin' })).toBe(true)
    expect(mayManage('staff', { role: 'staff' })).toBe(false)
    expect(mayManage(undefined, { role: 'staff' })).toBe(false)
  })
})
