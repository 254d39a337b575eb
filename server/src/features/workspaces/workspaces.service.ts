import type { Db, Tx } from '../../db/database.ts'
import type { Caller, CallingPerson, SignedIn } from '../../http/caller.ts'
import type { FactorAskedOf } from '../access/access.policy.ts'
import type { AccessService, Member } from '../access/access.service.ts'
import type { AuditLog, NewAuditEvent } from '../audit/audit.service.ts'
import type { SecondFactorInput, Space, Workspace, WorkspaceChange, WorkspaceInput } from './workspaces.schemas.ts'
import type { WorkspaceStorage } from './workspaces.storage.ts'
import { violatedConstraint } from '../../db/db-errors.ts'
import { notFound } from '../../errors/common-errors.ts'
import { publishLive } from '../../live/live-bus.ts'
import { factorAskedOf, mayInWorkspace, rolesAskedForFactor, workspaceActions } from '../access/access.policy.ts'
import { workspaceChanged, workspaceCreated, workspaceSecondFactorAsked } from '../audit/audit.actions.ts'
import { secondFactorRequired } from '../auth/auth.errors.ts'
import { rootFolderName } from './root-name.ts'
import { slugReserved, slugTaken } from './workspaces.errors.ts'
import * as queries from './workspaces.queries.ts'
import { createWorkspaceStorage } from './workspaces.storage.ts'

export interface WorkspacesService extends WorkspaceStorage {
  /** Makes the workspace, its `team` space of the same name, and the caller its owner. @throws {AppError} `workspace.slug_taken`, `workspace.slug_reserved` */
  create: (caller: Caller, signedIn: SignedIn, input: WorkspaceInput) => Promise<Workspace>
  /** The same for somebody else, inside the caller's transaction, which records the event. @throws {AppError} as `create` */
  createFor: (tx: Tx, ownerId: string, input: WorkspaceInput) => Promise<{ id: string, event: NewAuditEvent }>
  /** All of the person's; by an access token of one workspace, that one. */
  list: (person: CallingPerson) => Promise<Workspace[]>
  get: (member: Member) => Promise<Workspace>
  /** The team space goes along with a new name as long as it still has the old one. */
  change: (caller: Caller, member: Member, change: WorkspaceChange) => Promise<Workspace>
  /** From now on, with the grace. @throws {AppError} `auth.second_factor_required` for whoever would ask others for what they do not have */
  askForSecondFactor: (caller: Caller, member: Member, input: SecondFactorInput) => Promise<Workspace>
  /** Those that the member may see. */
  listSpaces: (member: Member) => Promise<Space[]>
}

/** Words that addresses of the app use, now or soon: a workspace's portal and domain must never hide one. */
const reservedSlugs = new Set([
  'about',
  'account',
  'admin',
  'api',
  'app',
  'assets',
  'auth',
  'client',
  'clientshare',
  'contact',
  'docs',
  'help',
  'home',
  'invite',
  'login',
  'logout',
  'mail',
  'me',
  'new',
  'operator',
  'policies',
  'portal',
  'public',
  'requests',
  'settings',
  'setup',
  'static',
  'status',
  'support',
  'webhooks',
  'workspace',
  'workspaces',
  'www',
])

const atSlug = (detail: string) => ({
  detail,
  fields: [
    { pointer: '/slug', detail },
  ],
})

const askedOfIn = ({ secondFactorRoles: roles }: { secondFactorRoles: string[] }): FactorAskedOf => factorAskedOf.find(each => rolesAskedForFactor[each].length === roles.length)!

export function createWorkspacesService({ db, clock, newId, audit, access }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  access: Pick<AccessService, 'filterItems'>
}): WorkspacesService {
  function shown({ workspace, role }: queries.WorkspaceRow): Workspace {
    return {
      id: workspace.id,
      name: workspace.name,
      slug: workspace.slug,
      usedBytes: workspace.usedBytes,
      quotaBytes: workspace.quotaBytes,
      secondFactor: {
        askedOf: askedOfIn(workspace),
        graceDays: workspace.secondFactorGraceDays,
      },
      createdAt: workspace.createdAt.toISOString(),
      role,
      permissions: workspaceActions.filter(action => mayInWorkspace(role, action)),
    }
  }

  async function get({ workspaceId, userId }: Pick<Member, 'workspaceId' | 'userId'>): Promise<Workspace> {
    const row = await queries.getFor(db, workspaceId, userId)
    if (!row) throw notFound('There is no such workspace')
    return shown(row)
  }

  async function createFor(tx: Tx, ownerId: string, { name, slug }: WorkspaceInput) {
    if (reservedSlugs.has(slug)) throw slugReserved(atSlug('is a word that addresses of the app use'))
    const [id, spaceId, rootFolderId] = [
      newId(),
      newId(),
      newId(),
    ]
    const root = rootFolderName(name)
    try {
      await queries.insertWorkspace(tx, {
        workspace: {
          id,
          name,
          slug,
          createdAt: clock(),
        },
        space: { id: spaceId, name },
        root: {
          id: rootFolderId,
          name: root.name,
          nameKey: root.key,
          searchText: root.search,
        },
        owner: {
          memberId: newId(),
          userId: ownerId,
        },
      })
    }
    catch (error) {
      if (violatedConstraint(error) === 'workspaces_slug_unique') throw slugTaken(atSlug('is the address of another workspace'))
      throw error
    }
    return {
      id,
      event: workspaceCreated({
        workspaceId: id,
        subject: { kind: 'workspace', id, name },
        details: { slug },
      }),
    }
  }

  return {
    get,
    ...createWorkspaceStorage({ db, audit }),

    createFor,

    async create(caller, { userId }, input) {
      const workspaceId = await db.transaction(async (tx) => {
        const { id, event } = await createFor(tx, userId, input)
        await audit.record(tx, caller, event)
        return id
      })
      return get({ workspaceId, userId })
    },

    async list({ userId, onlyWorkspaceId }) {
      const rows = await queries.listOf(db, userId)
      return rows
        .filter(({ role, workspace }) => mayInWorkspace(role, 'workspace.see') && (onlyWorkspaceId === undefined || workspace.id === onlyWorkspaceId))
        .map(shown)
    },

    async change(caller, member, { name }) {
      await db.transaction(async (tx) => {
        const before = (await queries.lockWorkspace(tx, member.workspaceId))!
        if (name === undefined || name === before.name) return
        await queries.renameWorkspace(tx, before.id, name)
        const root = rootFolderName(name)
        for (const { rootFolderId } of await queries.renameTeamSpace(tx, before.id, before.name, name)) {
          await queries.renameRoot(tx, rootFolderId, {
            name: root.name,
            nameKey: root.key,
            searchText: root.search,
            updatedAt: clock(),
          })
        }
        await audit.record(tx, caller, workspaceChanged({
          workspaceId: before.id,
          subject: { kind: 'workspace', id: before.id, name },
          details: {
            name: { from: before.name, to: name },
          },
        }))
      })
      return get(member)
    },

    async askForSecondFactor(caller, member, { askedOf, graceDays }) {
      await db.transaction(async (tx) => {
        const before = (await queries.lockWorkspace(tx, member.workspaceId))!
        const was = askedOfIn(before)
        if (was === askedOf && before.secondFactorGraceDays === graceDays) return
        const isAsked = rolesAskedForFactor[askedOf].length > 0
        if (isAsked && !await queries.isHolder(tx, member.userId)) throw secondFactorRequired('Set up your own before you ask others for theirs: you would shut yourself out')
        await queries.changeSecondFactor(tx, before.id, {
          secondFactorRoles: [...rolesAskedForFactor[askedOf]],
          secondFactorGraceDays: graceDays,
          secondFactorSince: isAsked
            ? was === askedOf
              ? before.secondFactorSince
              : clock()
            : null,
        })
        // What is under way by somebody's right is looked at again.
        await publishLive(tx, { topic: 'members', workspaceId: before.id })
        await audit.record(tx, caller, workspaceSecondFactorAsked({
          workspaceId: before.id,
          subject: { kind: 'workspace', id: before.id, name: before.name },
          details: { askedOf, graceDays },
        }))
      })
      return get(member)
    },

    async listSpaces({ workspaceId, userId }) {
      const rows = await queries.listSpaces(db, workspaceId)
      const roots = await access.filterItems(userId, rows.map(row => row.rootFolderId), { action: 'see', workspaceId })
      const byId = new Map(roots.map(root => [root.id, root]))
      return rows.flatMap(({ id, kind, name, rootFolderId, createdAt }) => {
        const root = byId.get(rootFolderId)
        return root
          ? [
              {
                id,
                kind,
                name,
                rootFolderId,
                createdAt: createdAt.toISOString(),
                permissions: root.permissions,
              },
            ]
          : []
      })
    },
  }
}
