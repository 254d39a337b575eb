import { Type } from 'typebox'
import { Bytes, Instant, Literals, Nullable, Uuid } from '../../http/schemas.ts'
import { registrationModes } from '../auth/registration.policy.ts'
import { Change, Count, version } from './action-details.ts'
import { defineAction, ofInstance, Personal } from './define-action.ts'

/* What operators do, and what happens to the deployment. */

/** Of the deployment's policies in the instance's log, of a workspace's own in that of the workspace. */
const ofEither = { chain: 'either', webhook: false } as const

export const policyCreated = defineAction('policy.created', {
  ...ofEither,
  subject: ['policy'],
  details: {
    kind: Type.String(),
    slug: Type.String(),
  },
  concerns: ['admins', 'operators'],
})
export const policyDraftChanged = defineAction('policy.draft_changed', {
  ...ofEither,
  subject: ['policy'],
  details: {
    changed: Type.Array(Literals('title', 'slug', 'text', 'highlights', 'acceptance', 'language')),
    /** Of which text. */
    language: Type.Optional(Type.String()),
    title: Type.Optional(Change(Type.String())),
    slug: Type.Optional(Change(Type.String())),
    acceptance: Type.Optional(Change(Type.String())),
  },
  concerns: ['admins', 'operators'],
})
/** Which of the questions got another answer, not what it is: some of it names people. Settings of the instance have their own event. */
export const policyFactsChanged = ofInstance('policy.facts_changed', {
  subject: ['instance'],
  details: {
    changed: Type.Array(Literals('contact', 'vendors', 'backups', 'plans', 'jurisdiction', 'authority')),
  },
  concerns: ['operators'],
})
export const policyDraftDeleted = defineAction('policy.draft_deleted', {
  ...ofEither,
  subject: ['policy'],
  details: {
    kind: Type.String(),
    slug: Type.String(),
  },
  concerns: ['admins', 'operators'],
})
export const policyPublished = defineAction('policy.published', {
  ...ofEither,
  subject: ['policy'],
  details: {
    number: version,
    effectiveOn: Type.String({ format: 'date' }),
    /** Of the text in the first of the languages. */
    sha256: Type.String(),
    languages: Type.Array(Type.String()),
    /** Of each, in their order. */
    hashes: Type.Array(Type.String()),
  },
  concerns: ['admins', 'operators', 'seats'],
})
/** Of who agreed to it, as a file, with what was searched for. */
export const policyAcceptancesExported = ofInstance('policy.acceptances_exported', {
  subject: ['policy'],
  details: {
    search: Type.Optional(Personal(Type.String())),
  },
  concerns: ['operators'],
})
/** Exactly these drafts (their hash), by another than who wrote them. */
export const policyApproved = ofInstance('policy.approved', {
  subject: ['policy'],
  details: {
    sha256: Type.String(),
  },
  concerns: ['operators'],
})
/** What its version in effect says of this deployment has become another: nobody does it. */
export const policyDrifted = ofInstance('policy.drifted', {
  subject: ['policy'],
  details: {
    number: version,
    facts: Type.Array(Type.String()),
  },
  concerns: ['operators'],
})
export const policyWithdrawn = defineAction('policy.withdrawn', {
  ...ofEither,
  subject: ['policy'],
  details: { number: version },
  concerns: ['admins', 'operators'],
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
/** By its sender, after it had come in. */
export const requestWrittenTo = ofInstance('request.written_to', {
  subject: ['request'],
  details: {
    kind: Type.String(),
  },
  concerns: ['operators'],
})
export const requestReplied = ofInstance('request.replied', {
  subject: ['request'],
  details: {
    kind: Type.String(),
    isMailed: Type.Boolean(),
  },
  concerns: ['operators'],
})
export const requestNoted = ofInstance('request.noted', {
  subject: ['request'],
  details: {
    kind: Type.String(),
  },
  concerns: ['operators'],
})
/** Null: nobody's any more. */
export const requestAssigned = ofInstance('request.assigned', {
  subject: ['request'],
  details: {
    kind: Type.String(),
    userId: Nullable(Uuid),
  },
  concerns: ['operators'],
})
/** What it made is told of beside it. */
export const requestApproved = ofInstance('request.approved', {
  subject: ['request'],
  details: {
    kind: Type.String(),
    slug: Type.String(),
  },
  concerns: ['operators'],
})
export const requestExtended = ofInstance('request.extended', {
  subject: ['request'],
  details: {
    kind: Type.String(),
    dueAt: Instant,
  },
  concerns: ['operators'],
})
/** Told once, by nobody: its day is over. */
export const requestOverdue = ofInstance('request.overdue', {
  subject: ['request'],
  details: {
    kind: Type.String(),
  },
  concerns: ['operators'],
})
/** What people without a session see at `/`. */
export const instanceFaceChanged = ofInstance('instance.face_changed', {
  subject: ['instance'],
  details: {
    home: Type.String(),
  },
  concerns: ['operators'],
})
export const instanceTemplatesChanged = ofInstance('instance.templates_changed', {
  subject: ['instance'],
  details: { templates: Count },
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
    operatorsNeedFactor: Type.Optional(Change(Type.Boolean())),
    sessionIdleMinutes: Type.Optional(Change(Count)),
    sessionTotalMinutes: Type.Optional(Change(Nullable(Count))),
    timeZone: Type.Optional(Change(Type.String())),
    policyLanguage: Type.Optional(Change(Type.String())),
    policyReview: Type.Optional(Change(Type.Boolean())),
  },
  concerns: ['operators'],
})
/** How long a kind of data is kept, in days; null: for ever. */
export const retentionChanged = ofInstance('retention.changed', {
  subject: ['instance'],
  details: {
    data: Type.String(),
    days: Change(Nullable(Count)),
  },
  concerns: ['operators'],
})
const provider = {
  slug: Type.String(),
  issuer: Type.String(),
}
/** By whose word people may sign in. */
export const instanceProviderAdded = ofInstance('instance.provider_added', {
  subject: ['instance'],
  details: provider,
  concerns: ['operators'],
})
export const instanceProviderChanged = ofInstance('instance.provider_changed', {
  subject: ['instance'],
  details: {
    ...provider,
    fields: Type.Array(Type.String()),
  },
  concerns: ['operators'],
})
export const instanceProviderRemoved = ofInstance('instance.provider_removed', {
  subject: ['instance'],
  details: provider,
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
