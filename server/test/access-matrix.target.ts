/** What a call is about: ids of one workspace, and secrets that are somebody's credential. */
export interface Target {
  workspaceId: string
  rootId: string
  /** A file in the root folder, put there by the owner. */
  fileId: string
  /** Made anew for every call that names it: a folder in the root folder, by the owner; one in the trash. */
  folderId: string
  trashedId: string
  memberId: string
  invitationId: string
  linkId: string
  uploadId: string
  /** The owner's. */
  purgeId: string
  policyId: string
  /** A draft of the workspace's own. */
  workspacePolicyId: string
  /** Of somebody else’s writing, in two languages. */
  writtenPolicyId: string
  requestId: string
  privacyRequestId: string
  /** Somebody new; the owner's, besides the one that calls. */
  userId: string
  /** Somebody new who asks for another address. */
  askingUserId: string
  sessionId: string
  /** The owner's. */
  tokenId: string
  mailId: string
  /** By whose word people may sign in, and the address of one that answers. */
  providerId: string
  workspaceProviderId: string
  issuer: string
  suppressedAddress: string
  /** A draft; and one that everybody is shown. */
  announcementId: string
  shownAnnouncementId: string
  invitationToken: string
  resetToken: string
  /** By which its sender comes to a request. */
  requestToken: string
  linkToken: string
  ticket: string
  unique: string
}

export interface Call { path: string, body?: unknown, multipart?: string, bytes?: string | Buffer }
