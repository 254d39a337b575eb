import { Type } from 'typebox'
import { Bytes, Instant, Literals, Nullable, Uuid } from '../../http/schemas.ts'
import { spaceRoles, tokenScopes, workspaceRoles } from '../access/access.policy.ts'
import { registrationModes } from '../auth/registration.policy.ts'
import { BY_TOKEN, defineAction, definedActions, ofInstance, ofWorkspace, Personal } from './define-action.ts'

/*
 * The catalogue: every action that the log knows, named once. Services make their events with these factories, OpenAPI lists the names, and
 * the web has a sentence, an icon and labels for each. A detail is worth its place when a sentence or a reader needs it.
 */

const Count = Type.Integer({ minimum: 0 })
const Role = Literals(...workspaceRoles)
const SpaceRole = Nullable(Literals(...spaceRoles))
/** The name of something, which may be a person's. */
const Name = Personal(Type.String())
/** Of a value that was replaced. */
const Change = <T extends Parameters<typeof Nullable>[0]>(value: T) => Type.Object({ from: value, to: value })

/** The folder where it happened. */
const place = {
  parentId: Type.Optional(Nullable(Uuid)),
  parentName: Type.Optional(Name),
}
/** The first of many, by name. */
const someItems = {
  items: Personal(Type.Array(Type.Object({
    id: Uuid,
    kind: Literals('file', 'folder'),
    name: Type.String(),
  }), { maxItems: 20 })),
  itemCount: Count,
}

const version = Type.Integer({ minimum: 1 })
const upload = {
  ...place,
  version,
  size: Bytes,
  sha256: Nullable(Type.String()),
}

export const fileUploaded = ofWorkspace('file.uploaded', {
  subject: ['file'],
  details: upload,
  concerns: ['readers'],
})
export const fileVersionAdded = ofWorkspace('file.version_added', {
  subject: ['file'],
  details: upload,
  concerns: ['readers'],
})
/** A new version with the bytes of an earlier one. */
export const fileVersionRestored = ofWorkspace('file.version_restored', {
  subject: ['file'],
  details: { ...upload, restoredFrom: version },
  concerns: ['readers'],
})
export const fileDownloaded = ofWorkspace('file.downloaded', {
  subject: ['file'],
  details: { ...place, version, sizeBytes: Bytes },
  concerns: ['readers'],
})
export const fileIntegrityFailed = ofWorkspace('file.integrity_failed', {
  subject: ['file'],
  details: {
    ...place,
    version,
    problem: Type.String({ description: 'What was found, in technical words' }),
  },
  concerns: ['readers', 'operators'],
})
/** What was found damaged or missing is in the store again, byte for byte. */
export const fileIntegrityRestored = ofWorkspace('file.integrity_restored', {
  subject: ['file'],
  details: { ...place, version },
  concerns: ['readers', 'operators'],
})
/** Several things at once; the subject is the one of them, or the workspace with the archive's name. */
export const archiveDownloaded = ofWorkspace('archive.downloaded', {
  subject: ['file', 'folder', 'workspace'],
  details: { ...someItems, fileCount: Count, sizeBytes: Bytes },
  concerns: ['readers'],
})

export const folderCreated = ofWorkspace('folder.created', {
  subject: ['folder'],
  details: place,
  concerns: ['readers'],
})
export const itemRenamed = ofWorkspace('item.renamed', {
  subject: ['file', 'folder'],
  details: { ...place, from: Name, to: Name },
  concerns: ['readers'],
})
export const itemMoved = ofWorkspace('item.moved', {
  subject: ['file', 'folder'],
  details: {
    from: Name,
    fromId: Uuid,
    to: Name,
    toId: Uuid,
  },
  concerns: ['readers'],
})
export const itemTrashed = ofWorkspace('item.trashed', {
  subject: ['file', 'folder'],
  details: {
    from: Name,
    fromId: Nullable(Uuid),
  },
  concerns: ['readers', 'uploader'],
})
export const itemRestored = ofWorkspace('item.restored', {
  subject: ['file', 'folder'],
  details: {
    to: Name,
    toId: Uuid,
    nameBefore: Type.Optional(Name),
  },
  concerns: ['readers'],
})
/** With everything below. */
export const itemPurged = ofWorkspace('item.purged', {
  subject: ['file', 'folder'],
  details: {
    from: Type.Optional(Name),
    files: Count,
    folders: Count,
    bytes: Bytes,
  },
  concerns: ['readers'],
})

export const uploadAborted = ofWorkspace('upload.aborted', {
  subject: ['upload'],
  details: {
    ...place,
    reason: Literals('aborted', 'expired', 'lost', 'moved', 'restored'),
    size: Bytes,
    /** Null: somebody without an account. */
    uploaderId: Nullable(Uuid),
    uploaderName: Personal(Nullable(Type.String())),
  },
  concerns: ['person'],
  webhook: false,
})

const limits = {
  expiresAt: Nullable(Instant),
  maxDownloads: Nullable(Count),
}

export const linkCreated = ofWorkspace('link.created', {
  subject: ['link'],
  details: {
    ...someItems,
    ...limits,
    hasPassword: Type.Boolean(),
  },
  concerns: ['sharer', 'admins'],
})
export const linkSettings = [
  'title',
  'message',
  'password',
  'expiresAt',
  'maxDownloads',
  'items',
] as const
/** `changed` names all that did, also what is not told: a message, a password. */
export const linkChanged = ofWorkspace('link.changed', {
  subject: ['link'],
  details: {
    changed: Type.Array(Literals(...linkSettings)),
    title: Type.Optional(Personal(Change(Nullable(Type.String())))),
    expiresAt: Type.Optional(Change(limits.expiresAt)),
    maxDownloads: Type.Optional(Change(limits.maxDownloads)),
    hasPassword: Type.Optional(Change(Type.Boolean())),
    itemCount: Type.Optional(Change(Count)),
    items: Type.Optional(someItems.items),
  },
  concerns: ['sharer', 'admins'],
})
export const linkRevoked = ofWorkspace('link.revoked', {
  subject: ['link'],
  details: { openCount: Count, downloadCount: Count },
  concerns: ['sharer', 'admins'],
})
export const linkOpened = ofWorkspace('link.opened', {
  subject: ['link'],
  details: {},
  concerns: ['sharer'],
})
export const linkUnlocked = ofWorkspace('link.unlocked', {
  subject: ['link'],
  details: {},
  concerns: ['sharer'],
})
export const linkRefused = ofWorkspace('link.refused', {
  subject: ['link'],
  details: {
    reason: Literals('expired', 'revoked', 'suspended', 'used_up', 'wrong_password'),
  },
  refusal: true,
  concerns: ['sharer', 'admins'],
})
/** `fileCount` of the `linkFileCount` files that the link leads to; a single file with its version and folder. */
export const linkDownloaded = ofWorkspace('link.downloaded', {
  subject: ['link'],
  details: {
    ...someItems,
    ...place,
    kind: Literals('file', 'archive'),
    version: Type.Optional(version),
    fileCount: Count,
    linkFileCount: Count,
    sizeBytes: Bytes,
    downloadCount: Count,
    maxDownloads: Nullable(Count),
  },
  concerns: ['sharer', 'readers'],
})

export const memberJoined = ofWorkspace('member.joined', {
  subject: ['member'],
  details: { userId: Uuid, role: Role, spaceRole: SpaceRole },
  concerns: ['admins'],
})
export const memberRoleChanged = ofWorkspace('member.role_changed', {
  subject: ['member'],
  details: {
    userId: Uuid,
    role: Change(Role),
    spaceRole: Change(SpaceRole),
  },
  concerns: ['person', 'admins'],
})
export const memberEnded = ofWorkspace('member.ended', {
  subject: ['member'],
  details: { userId: Uuid, role: Role },
  concerns: ['person', 'admins'],
})

export const invitationCreated = ofWorkspace('invitation.created', {
  subject: ['invitation'],
  details: { role: Role, spaceRole: SpaceRole, expiresAt: Instant },
  concerns: ['admins'],
})
export const invitationAccepted = ofWorkspace('invitation.accepted', {
  subject: ['invitation'],
  details: { role: Role, spaceRole: SpaceRole },
  concerns: ['admins'],
})
export const invitationRevoked = ofWorkspace('invitation.revoked', {
  subject: ['invitation'],
  details: { role: Role, spaceRole: SpaceRole },
  concerns: ['admins'],
})

export const workspaceCreated = ofWorkspace('workspace.created', {
  subject: ['workspace'],
  details: {
    slug: Type.String(),
  },
  concerns: ['admins'],
})
export const workspaceChanged = ofWorkspace('workspace.changed', {
  subject: ['workspace'],
  details: {
    name: Personal(Change(Type.String())),
  },
  concerns: ['admins'],
})

/** Which session it is ties its beginning to its end. */
const session = { sessionId: Uuid }

export const sessionStarted = ofInstance('session.started', {
  subject: ['user'],
  details: session,
  concerns: ['person'],
})
export const sessionEnded = ofInstance('session.ended', {
  subject: ['user'],
  details: session,
  concerns: ['person'],
})
/** What was typed for an unknown account may be a password in the wrong field: it is not kept. */
export const sessionRefused = ofInstance('session.refused', {
  subject: ['user'],
  details: {
    reason: Literals('unknown_account', 'disabled_account', 'wrong_password', 'wrong_code'),
  },
  refusal: true,
  concerns: ['person'],
})
/** A refresh token came twice: the session was ended. */
export const sessionReuseDetected = ofInstance('session.reuse_detected', {
  subject: ['user'],
  details: session,
  refusal: true,
  concerns: ['person', 'operators'],
})
export const userChanged = ofInstance('user.changed', {
  subject: ['user'],
  details: {
    name: Type.Optional(Personal(Change(Type.String()))),
    locale: Type.Optional(Change(Nullable(Type.String()))),
    timeZone: Type.Optional(Change(Nullable(Type.String()))),
  },
  concerns: ['person'],
})

/** By themselves, where people may. */
export const userRegistered = ofInstance('user.registered', {
  subject: ['user'],
  details: {},
  concerns: ['operators'],
})
/** By the person, who knew the one before. */
export const userPasswordChanged = ofInstance('user.password_changed', {
  subject: ['user'],
  details: { endedSessions: Count },
  concerns: ['person'],
})
/** By whoever has the server's machine, or by a link that was made for it; what came before links does not say. */
export const userPasswordReset = ofInstance('user.password_reset', {
  subject: ['user'],
  details: {
    endedSessions: Count,
    by: Type.Optional(Literals('machine', 'link')),
  },
  concerns: ['person', 'operators'],
})
/** A second factor, or new recovery codes in place of those before. */
const Factor = Literals('totp', 'passkey', 'recovery_codes')
export const userFactorAdded = ofInstance('user.factor_added', {
  subject: ['user'],
  details: {
    factor: Factor,
    name: Type.Optional(Name),
  },
  concerns: ['person'],
})
export const userFactorRemoved = ofInstance('user.factor_removed', {
  subject: ['user'],
  details: {
    factor: Factor,
    name: Type.Optional(Name),
  },
  concerns: ['person'],
})
export const userPasskeyRenamed = ofInstance('user.passkey_renamed', {
  subject: ['user'],
  details: { from: Name, to: Name },
  concerns: ['person'],
})
/** All of them, by an operator or whoever has the server's machine, for somebody who has lost theirs. */
export const userFactorsReset = ofInstance('user.factors_reset', {
  subject: ['user'],
  details: {
    endedSessions: Count,
    by: Literals('operator', 'machine'),
  },
  concerns: ['person', 'operators'],
})
/** In place of the second factor, which may be lost, or somebody else's by now. */
export const userRecoveryCodeUsed = ofInstance('user.recovery_code_used', {
  subject: ['user'],
  details: { left: Count },
  concerns: ['person'],
})
/** By anybody who knows the address: a link was mailed there. */
export const userResetAsked = ofInstance('user.reset_asked', {
  subject: ['user'],
  details: {},
  concerns: ['person'],
})
export const userResetLinkMade = ofInstance('user.reset_link_made', {
  subject: ['user'],
  details: { expiresAt: Instant },
  concerns: ['person', 'operators'],
})
/** By the person, who has not shown yet that they read mail there; or only to show it. */
export const userEmailChangeAsked = ofInstance('user.email_change_asked', {
  subject: ['user'],
  details: { to: Name },
  concerns: ['person'],
})
/** By an operator, to pass it on. */
export const userEmailLinkMade = ofInstance('user.email_link_made', {
  subject: ['user'],
  details: { to: Name, expiresAt: Instant },
  concerns: ['person', 'operators'],
})
export const userEmailChanged = ofInstance('user.email_changed', {
  subject: ['user'],
  details: {
    from: Name,
    to: Name,
    isVerified: Type.Boolean(),
  },
  concerns: ['person', 'operators'],
})
/** From the address before. */
export const userEmailChangeUndone = ofInstance('user.email_change_undone', {
  subject: ['user'],
  details: {
    from: Name,
    to: Name,
    endedSessions: Count,
    endedTokens: Count,
  },
  concerns: ['person', 'operators'],
})
/** More than one, by the person or an operator. */
export const userSessionsEnded = ofInstance('user.sessions_ended', {
  subject: ['user'],
  details: { endedSessions: Count },
  concerns: ['person', 'operators'],
})
export const userDisabled = ofInstance('user.disabled', {
  subject: ['user'],
  details: {
    endedSessions: Count,
    endedTokens: Type.Optional(Count),
  },
  concerns: ['person', 'operators'],
})
export const userEnabled = ofInstance('user.enabled', {
  subject: ['user'],
  details: {},
  concerns: ['person', 'operators'],
})
/** By whoever has the server's machine, or an operator; `isNew`: the account was made for it. */
export const userOperatorMade = ofInstance('user.operator_made', {
  subject: ['user'],
  details: {
    isNew: Type.Boolean(),
  },
  concerns: ['person', 'operators'],
})
export const userOperatorUnmade = ofInstance('user.operator_unmade', {
  subject: ['user'],
  details: {},
  concerns: ['person', 'operators'],
})

/** Personal access tokens, by their person; when an operator disables the account, its event tells how many ended. */
const token = { tokenId: Uuid, tokenName: Name }

export const tokenCreated = ofInstance('token.created', {
  subject: ['user'],
  details: {
    ...token,
    scopes: Type.Array(Literals(...tokenScopes)),
    /** Null: it reaches all of the person's. */
    onlyWorkspaceId: Nullable(Uuid),
    expiresAt: Instant,
  },
  concerns: ['person', 'operators'],
})
export const tokenEnded = ofInstance('token.ended', {
  subject: ['user'],
  details: token,
  concerns: ['person', 'operators'],
})

export const policyCreated = ofInstance('policy.created', {
  subject: ['policy'],
  details: {
    kind: Type.String(),
    slug: Type.String(),
  },
  concerns: ['operators'],
})
export const policyDraftChanged = ofInstance('policy.draft_changed', {
  subject: ['policy'],
  details: {
    changed: Type.Array(Literals('title', 'slug', 'text')),
    title: Type.Optional(Change(Type.String())),
    slug: Type.Optional(Change(Type.String())),
  },
  concerns: ['operators'],
})
export const policyDraftDeleted = ofInstance('policy.draft_deleted', {
  subject: ['policy'],
  details: {
    kind: Type.String(),
    slug: Type.String(),
  },
  concerns: ['operators'],
})
export const policyPublished = ofInstance('policy.published', {
  subject: ['policy'],
  details: {
    number: version,
    effectiveOn: Type.String({ format: 'date' }),
    sha256: Type.String(),
  },
  concerns: ['operators', 'owners'],
})
export const policyWithdrawn = ofInstance('policy.withdrawn', {
  subject: ['policy'],
  details: { number: version },
  concerns: ['operators'],
})

/** Without a name: the log outlives the request, and what was deleted must not stay in it. */
export const requestReceived = ofInstance('request.received', {
  subject: ['request'],
  details: {
    kind: Type.String(),
  },
  concerns: ['operators'],
})
export const requestHandled = ofInstance('request.handled', {
  subject: ['request'],
  details: {
    kind: Type.String(),
    from: Type.String(),
    to: Type.String(),
  },
  concerns: ['operators'],
})

/** Without addresses in the subject: the log outlives the outbox. */
export const mailTested = ofInstance('mail.tested', {
  subject: ['mail'],
  details: {
    address: Personal(Type.String()),
    isAccepted: Type.Boolean(),
  },
  concerns: ['operators'],
})
export const mailResent = ofInstance('mail.resent', {
  subject: ['mail'],
  details: {
    address: Personal(Type.String()),
    template: Type.String(),
  },
  concerns: ['operators'],
})
export const mailAddressAllowed = ofInstance('mail.address_allowed', {
  subject: ['mail'],
  details: {
    address: Personal(Type.String()),
  },
  concerns: ['operators'],
})

/** What operators write to many; called by its subject, which its readers have. */
export const announcementCreated = ofInstance('announcement.created', {
  subject: ['announcement'],
  details: {
    kind: Type.String(),
  },
  concerns: ['operators'],
})
export const announcementChanged = ofInstance('announcement.changed', {
  subject: ['announcement'],
  details: {},
  concerns: ['operators'],
})
export const announcementDeleted = ofInstance('announcement.deleted', {
  subject: ['announcement'],
  details: {},
  concerns: ['operators'],
})
/** `people`: how many it concerned then. */
export const announcementStarted = ofInstance('announcement.started', {
  subject: ['announcement'],
  details: {
    kind: Type.String(),
    startsAt: Instant,
    people: Count,
  },
  concerns: ['operators'],
})
/** What had not begun is a draft again. */
export const announcementStopped = ofInstance('announcement.stopped', {
  subject: ['announcement'],
  details: {
    hadBegun: Type.Boolean(),
  },
  concerns: ['operators'],
})

export const instanceSetUp = ofInstance('instance.set_up', {
  subject: ['instance'],
  details: {},
  concerns: ['operators'],
})
export const instanceChanged = ofInstance('instance.changed', {
  subject: ['instance'],
  details: {
    name: Type.Optional(Personal(Change(Type.String()))),
    organisation: Type.Optional(Personal(Change(Type.String()))),
    contactEmail: Type.Optional(Personal(Change(Type.String()))),
    postalAddress: Type.Optional(Personal(Change(Type.String()))),
    registration: Type.Optional(Change(Literals(...registrationModes))),
    registrationDomains: Type.Optional(Change(Type.Array(Type.String()))),
    sessionIdleMinutes: Type.Optional(Change(Count)),
    sessionTotalMinutes: Type.Optional(Change(Nullable(Count))),
  },
  concerns: ['operators'],
})
export const instanceStorageMoved = ofInstance('instance.storage_moved', {
  subject: ['instance'],
  details: {
    from: Type.String(),
    to: Type.String(),
    objects: Count,
    bytes: Bytes,
    skipped: Count,
    endedUploads: Count,
  },
  concerns: ['operators'],
})

/** Database and store were made to belong together although they did not: by the command `adopt`. */
export const instanceStoreAdopted = ofInstance('instance.store_adopted', {
  subject: ['instance'],
  details: {
    found: Type.String({ description: 'What they were: `foreign_store`, `older_database` and so on' }),
    kept: Count,
    bytes: Bytes,
    missing: Count,
  },
  concerns: ['operators'],
})

/** What the instance key had encrypted was encrypted with another one, and every session ended. */
export const instanceKeyRotated = ofInstance('instance.key_rotated', {
  subject: ['instance'],
  details: { links: Count, endedSessions: Count },
  concerns: ['operators'],
})

/** From here on the log goes on where it was at `takenAt`: what it told after that is not in it. */
export const instanceRestored = ofInstance('instance.restored', {
  subject: ['instance'],
  details: {
    backup: Type.String(),
    takenAt: Instant,
    objects: Count,
    bytes: Bytes,
    damaged: Count,
  },
  concerns: ['operators'],
})

/** Told at most once a day: a proxy that is believed sends what is no address of its client. */
export const instanceAddressesUnreadable = ofInstance('instance.addresses_unreadable', {
  subject: ['instance'],
  details: {
    proxy: Type.String(),
  },
  concerns: ['operators'],
})

/** Of the log that was exported, with what was asked of it. */
export const auditExported = defineAction('audit.exported', {
  chain: 'either',
  subject: ['workspace', 'instance'],
  details: {
    format: Literals('csv', 'jsonl'),
    actions: Type.Optional(Type.Array(Type.String())),
    outcome: Type.Optional(Type.String()),
    since: Type.Optional(Instant),
    until: Type.Optional(Instant),
    search: Type.Optional(Personal(Type.String())),
    personId: Type.Optional(Uuid),
    subjectId: Type.Optional(Uuid),
  },
  concerns: ['admins', 'operators'],
  webhook: false,
})

/** By name. */
export const auditActions = definedActions()
export const auditFamilies = [
  ...new Set(auditActions.map(({ family }) => family)),
]
/** Every name that a detail has somewhere. */
export const detailNames = [
  ...new Set([
    BY_TOKEN,
    ...auditActions.flatMap(({ details }) => Object.keys(details.properties)),
  ]),
].sort()
