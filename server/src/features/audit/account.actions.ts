import { Type } from 'typebox'
import { Instant, Literals, Nullable, Uuid } from '../../http/schemas.ts'
import { tokenScopes } from '../access/access.policy.ts'
import { consentKinds, consentSources } from '../announcements/consents.policy.ts'
import { Change, Count, Name, version } from './action-details.ts'
import { ofInstance, Personal } from './define-action.ts'

/* What happens to accounts: how people come in, and what is theirs. */

/** Which session it is ties its beginning to its end. */
const session = { sessionId: Uuid }

/** Ways to sign in that went: passkeys and providers by their names, the authenticator app as `totp`. */
const removed = Type.Optional(Type.Array(Name))

export const sessionStarted = ofInstance('session.started', {
  subject: ['user'],
  details: {
    ...session,
    /** The person has signed in before, but not in this browser or program. */
    isNewDevice: Type.Optional(Type.Literal(true)),
  },
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
    reason: Literals('unknown_account', 'disabled_account', 'wrong_password', 'wrong_code', 'second_factor_missing', 'not_connected', 'wrong_provider_answer'),
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
    picture: Type.Optional(Literals('set', 'removed')),
  },
  concerns: ['person'],
})

/** A provider's person, who signs in as this one from now on. */
export const userSignInConnected = ofInstance('user.sign_in_connected', {
  subject: ['user'],
  details: {
    provider: Type.String(),
  },
  concerns: ['person'],
})
export const userSignInDisconnected = ofInstance('user.sign_in_disconnected', {
  subject: ['user'],
  details: {
    provider: Type.String(),
  },
  concerns: ['person'],
})

/** By themselves, where people may; or by the word of a provider that they sign in by. */
export const userRegistered = ofInstance('user.registered', {
  subject: ['user'],
  details: {
    provider: Type.Optional(Type.String()),
  },
  concerns: ['operators'],
})
/** By an operator, with a workspace of their own; until `expiresAt` they set their password by a link that was mailed or passed on. */
export const userMade = ofInstance('user.made', {
  subject: ['user'],
  details: {
    expiresAt: Instant,
    isMailed: Type.Boolean(),
  },
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
    endedTokens: Type.Optional(Count),
    by: Type.Optional(Literals('machine', 'link', 'proof')),
    removed,
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
    removed,
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
/** To announcements of a kind that nobody gets without. */
const consent = {
  kind: Literals(...consentKinds),
  source: Literals(...consentSources),
}
export const userConsentGiven = ofInstance('user.consent_given', {
  subject: ['user'],
  details: consent,
  concerns: ['person'],
})
export const userConsentWithdrawn = ofInstance('user.consent_withdrawn', {
  subject: ['user'],
  details: consent,
  concerns: ['person'],
})

/** Which text, word for word: its hash. */
export const policyAccepted = ofInstance('policy.accepted', {
  subject: ['policy'],
  details: {
    slug: Type.String(),
    number: version,
    language: Type.String(),
    sha256: Type.String(),
  },
  concerns: ['operators'],
})
