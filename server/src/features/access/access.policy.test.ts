import type { ItemAction, SpaceRole, WorkspaceAction, WorkspaceRole } from './access.policy.ts'
import { describe, expect, it } from 'vitest'
import { effectiveSpaceRoles, itemActions, mayAssignRole, mayInWorkspace, mayOnItem, scopeOf, spaceRoles, workspaceActions, workspaceRoles } from './access.policy.ts'

/** The product's table of space roles, cell by cell. */
const spaceTable = `
  role         see  preview  download  upload  change  share  manage
  previewer    all  all      none      none    none    none   none
  viewer       all  all      all       none    none    none   none
  uploader     own  own      own       all     none    none   none
  contributor  all  all      all       all     own     none   none
  editor       all  all      all       all     all     all    none
  manager      all  all      all       all     all     all    all`

const workspaceTable = `
  action            owner  admin  staff  client
  workspace.see     yes    yes    yes    no
  workspace.change  yes    yes    no     no
  workspace.delete  yes    no     no     no
  members.see       yes    yes    yes    no
  members.manage    yes    yes    no     no
  audit.see         yes    yes    no     no
  links.see         yes    yes    yes    no`

/** Whether a member (column of the first word) may move somebody from one role to another; `-`: no member. */
const assignTable = `
  from -> to      owner  admin  staff  client
  - -> owner      yes    no     no     no
  - -> admin      yes    yes    no     no
  - -> staff      yes    yes    no     no
  owner -> owner  yes    no     no     no
  owner -> admin  yes    no     no     no
  owner -> staff  yes    no     no     no
  owner -> -      yes    no     no     no
  admin -> owner  yes    no     no     no
  admin -> staff  yes    yes    no     no
  admin -> -      yes    yes    no     no
  staff -> owner  yes    no     no     no
  staff -> admin  yes    yes    no     no
  staff -> -      yes    yes    no     no
  client -> -     yes    yes    no     no`

interface Cell { row: string, column: string, value: string }
function cellsOf(table: string): Cell[] {
  const [head, ...rows] = table.trim().split('\n').map(line => line.trim().split(/\s{2,}/))
  return rows.flatMap(([row, ...values]) => values.map((value, index) => ({ row: row!, column: head![index + 1]!, value })))
}

describe('a space role', () => {
  const cells = cellsOf(spaceTable)

  it('stands in the table with every action', () => {
    expect(cells.map(cell => `${cell.row} ${cell.column}`).sort()).toEqual(spaceRoles.flatMap(role => itemActions.map(action => `${role} ${action}`)).sort())
  })

  it.each(cells)('$row: $column $value', ({ row, column, value }) => {
    const [role, action] = [row as SpaceRole, column as ItemAction]
    expect(scopeOf([role], action)).toBe(value)
    for (const kind of ['file', 'folder'] as const) expect(mayOnItem([role], action, { kind, own: true })).toBe(value !== 'none')
    expect(mayOnItem([role], action, { kind: 'file', own: false })).toBe(value === 'all')
    // Folders are seen by whoever may see anything, or there would be no way to their own uploads.
    expect(mayOnItem([role], action, { kind: 'folder', own: false })).toBe(value === 'all' || (action === 'see' && value === 'own'))
  })

  it('that is none gives nothing', () => {
    for (const action of itemActions) {
      for (const own of [true, false]) expect(mayOnItem([], action, { kind: 'file', own })).toBe(false)
    }
  })

  it('adds up with others, and never takes away', () => {
    for (const a of spaceRoles) {
      for (const b of spaceRoles) {
        for (const action of itemActions) {
          for (const standing of [
            { kind: 'file', own: true },
            { kind: 'file', own: false },
            { kind: 'folder', own: false },
          ] as const) {
            expect(mayOnItem([a, b], action, standing)).toBe(mayOnItem([a], action, standing) || mayOnItem([b], action, standing))
          }
        }
      }
    }
  })

  it('of owners and admins is manager everywhere, of the others what was granted', () => {
    expect(workspaceRoles.map(role => effectiveSpaceRoles(role, ['viewer']))).toEqual([
      ['manager'],
      ['manager'],
      ['viewer'],
      ['viewer'],
    ])
    expect(workspaceRoles.map(role => effectiveSpaceRoles(role, []))).toEqual([
      ['manager'],
      ['manager'],
      [],
      [],
    ])
  })
})

describe('a workspace role', () => {
  const cells = cellsOf(workspaceTable)

  it('stands in the table with every action', () => {
    expect(cells.map(cell => `${cell.row} ${cell.column}`).sort()).toEqual(workspaceActions.flatMap(action => workspaceRoles.map(role => `${action} ${role}`)).sort())
  })

  it.each(cells)('$column: $row $value', ({ row, column, value }) => {
    expect(mayInWorkspace(column as WorkspaceRole, row as WorkspaceAction)).toBe(value === 'yes')
  })
})

describe('giving a role', () => {
  it.each(cellsOf(assignTable))('$column: $row $value', ({ row, column, value }) => {
    const [from, to] = row.split(' -> ').map(role => role === '-'
      ? null
      : role as WorkspaceRole)
    expect(mayAssignRole(column as WorkspaceRole, from!, to!)).toBe(value === 'yes')
  })
})
