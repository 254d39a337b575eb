import type { Caller, SignedIn } from '../../http/caller.ts'
import type { Member } from '../access/access.service.ts'
import type { Space, Workspace, WorkspaceChange, WorkspaceInput } from './workspaces.schemas.ts'

export interface WorkspacesService {
  /** Makes the workspace, its `team` space of the same name, and the caller its owner. @throws {AppError} `workspace.slug_taken`, `workspace.slug_reserved` */
  create: (caller: Caller, signedIn: SignedIn, input: WorkspaceInput) => Promise<Workspace>
  list: (signedIn: SignedIn) => Promise<Workspace[]>
  get: (member: Member) => Promise<Workspace>
  change: (caller: Caller, member: Member, change: WorkspaceChange) => Promise<Workspace>
  /** Those that the member may see. */
  listSpaces: (member: Member) => Promise<Space[]>
}
