/** Who acts and from where, as the audit log records it. Handed to every service call that changes something. */
export interface Caller {
  actor: { kind: 'user' | 'visitor' | 'system', id: string | null, name: string }
  origin: { via: 'web' | 'api' | 'link' | 'system', ip: string | null, userAgent: string | null }
}

/** The person behind a valid access token. */
export interface SignedIn {
  userId: string
  sessionId: string
  name: string
  email: string
  isOperator: boolean
  /** When the person last showed in this session all that a sign-in asks for. */
  steppedUpAt: Date | null
}

export const systemCaller: Caller = {
  actor: { kind: 'system', id: null, name: 'ClientShare' },
  origin: { via: 'system', ip: null, userAgent: null },
}
