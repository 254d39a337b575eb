/** Who acts and from where, as the audit log records it. Handed to every service call that changes something. */
export interface Caller {
  actor: { kind: 'user' | 'visitor' | 'system', id: string | null, name: string }
  origin: { via: 'web' | 'api' | 'link' | 'system', ip: string | null, userAgent: string | null }
  /** By what the browser is known again: absent where it has nothing of the kind. */
  device?: string
  /** The personal access token that a program came with, of the person who acts. */
  token?: { id: string, name: string }
}

/** The person behind a call. */
export interface CallingPerson {
  userId: string
  name: string
  email: string
  isOperator: boolean
  /** An operator of an instance that asks them for a second factor, without one. */
  lacksFactor?: boolean
  /** Has not agreed yet to a policy that asks for it. */
  owesAcceptance: boolean
  /** The only workspace that the call reaches, by a token of that one; absent: all of the person's. */
  onlyWorkspaceId?: string
}

/** The person behind a session. */
export interface SignedIn extends CallingPerson {
  sessionId: string
  /** When the person last showed in this session all that a sign-in asks for. */
  steppedUpAt: Date | null
}

export const systemCaller: Caller = {
  actor: { kind: 'system', id: null, name: 'ClientShare' },
  origin: { via: 'system', ip: null, userAgent: null },
}
