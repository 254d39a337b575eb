import type { Db, Tx } from '../../db/database.ts'
import type { Caller, SignedIn } from '../../http/caller.ts'
import type { TokenScope } from '../access/access.policy.ts'
import type { AccessService } from '../access/access.service.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { Throttle } from '../auth/throttle.ts'
import type { Bearer, TokenRow } from './tokens.queries.ts'
import type { AccessToken, AccessTokenInput, CreatedAccessToken } from './tokens.schemas.ts'
import { isAccessToken, newAccessToken } from '../../crypto/access-token.ts'
import { hashSecret } from '../../crypto/secrets.ts'
import { notFound, unauthenticated } from '../../errors/common-errors.ts'
import { publishAccountEnded } from '../../live/live-bus.ts'
import { tokenCreated, tokenEnded } from '../audit/audit.actions.ts'
import { requireSteppedUp } from '../auth/standing-session.ts'
import { placeKeys } from '../auth/throttle.ts'
import { tokenNotTaken, tokenScopeMissing, tooManyTokens } from './tokens.errors.ts'
import * as queries from './tokens.queries.ts'
import { DEFAULT_DAYS } from './tokens.schemas.ts'

/** Inside the caller's transaction, which records it. @returns how many the person had */
export const endAccessTokens = queries.deleteTokensOf

export type { Bearer } from './tokens.queries.ts'

/** What an address names that is of a workspace. */
export interface Named { workspaceId?: string, itemId?: string }

export interface TokensService {
  /**
   * The person behind a token, for a route that asks for `needed` (undefined: it takes no tokens), and their seat in the workspace that the address names.
   * @throws {AppError} `auth.unauthenticated` for unknown, ended, expired and a disabled person's alike, `rate.limited` for whoever tries many; `token.not_taken`,
   * `token.scope_missing`; `not_found` for what is of another workspace than the token's own
   */
  identify: (origin: Caller['origin'], token: string, needed: TokenScope | undefined, named: Named) => Promise<Bearer>
  /** @throws {AppError} `not_found` for a workspace that the person is no member of, `token.too_many` */
  create: (caller: Caller, signedIn: SignedIn, input: AccessTokenInput) => Promise<CreatedAccessToken>
  /** The newest first. */
  list: (signedIn: SignedIn) => Promise<{ items: AccessToken[] }>
  /** @throws {AppError} `not_found` */
  get: (signedIn: SignedIn, tokenId: string) => Promise<AccessToken>
  /** With all that was begun by it. @throws {AppError} `not_found` */
  end: (caller: Caller, signedIn: SignedIn, tokenId: string) => Promise<void>
  /** Inside the caller's transaction, which records it. @returns how many the person had */
  endAll: (tx: Tx, userId: string) => Promise<number>
  /** For what goes on by it; by none: nothing. @throws {AppError} `auth.unauthenticated` once it was ended or has expired */
  requireStanding: (tokenId: string | null | undefined) => Promise<void>
}

const DAY_MS = 86_400_000
const MOST_TOKENS = 50
/** So often at most is a use written down. */
const NOTED_MS = 5 * 60_000

export function createTokensService({ db, clock, newId, audit, access, throttle }: {
  db: Db
  clock: () => Date
  newId: () => string
  audit: AuditLog
  access: Pick<AccessService, 'requireMember'>
  throttle: Throttle
}): TokensService {
  const subjectOf = ({ userId, name }: SignedIn) => ({ kind: 'user' as const, id: userId, name })
  const unknown = () => notFound('You have no such access token')

  /** A right token is never slowed by others' wrong ones: only those are counted, by where they come from. */
  async function refuse(origin: Caller['origin']): Promise<never> {
    await throttle.attempt(placeKeys('token', origin.ip))
    throw wrongToken()
  }

  async function requireWithin(workspaceId: string, named: Named): Promise<void> {
    if (named.workspaceId !== undefined && named.workspaceId !== workspaceId) throw notFound('There is no such workspace')
    if (named.itemId !== undefined && await queries.findWorkspaceOfItem(db, named.itemId) !== workspaceId) throw notFound('There is no such file or folder')
  }

  return {
    async identify(origin, token, needed, named) {
      // What was cut off or mistyped costs nothing to refuse.
      if (!isAccessToken(token)) throw wrongToken()
      const now = clock()
      const bearer = await queries.findBearer(db, hashSecret(token), named.workspaceId ?? null, now)
      if (!bearer) return refuse(origin)
      const { id, scopes, workspaceId, lastUsedAt } = bearer.token
      if (needed === undefined) throw tokenNotTaken('Sign in to do this, with a browser or by POST /auth/login')
      if (!scopes.includes(needed)) throw tokenScopeMissing(`It takes a token with “${needed}”`)
      if (workspaceId !== null) await requireWithin(workspaceId, named)
      const unlessSince = new Date(now.getTime() - NOTED_MS)
      if (lastUsedAt === null || lastUsedAt < unlessSince) await queries.noteUse(db, id, { now, unlessSince, ip: origin.ip })
      return bearer
    },

    async create(caller, signedIn, { name, scopes, workspaceId = null, expiresInDays = DEFAULT_DAYS }) {
      const { userId } = signedIn
      if (workspaceId !== null) await access.requireMember(userId, workspaceId, 'workspace.see')
      const secret = newAccessToken()
      const createdAt = clock()
      const token = {
        id: newId(),
        name,
        scopes,
        workspaceId,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + expiresInDays * DAY_MS),
      }
      await db.transaction(async (tx) => {
        await queries.lockOwner(tx, userId)
        await requireSteppedUp(tx, signedIn.sessionId, clock())
        if (await queries.countTokens(tx, userId) >= MOST_TOKENS) throw tooManyTokens(`End one of the ${MOST_TOKENS} first`)
        await queries.insertToken(tx, {
          ...token,
          userId,
          tokenHash: hashSecret(secret),
        })
        await audit.record(tx, caller, tokenCreated({
          subject: subjectOf(signedIn),
          details: {
            tokenId: token.id,
            tokenName: name,
            scopes,
            onlyWorkspaceId: workspaceId,
            expiresAt: token.expiresAt.toISOString(),
          },
        }))
      })
      return {
        ...shown({ ...token, lastUsedAt: null, lastUsedIp: null }),
        token: secret,
      }
    },

    list: async ({ userId }) => ({
      items: (await queries.listTokens(db, userId)).map(shown),
    }),

    async get({ userId }, tokenId) {
      const token = await queries.findToken(db, userId, tokenId)
      if (!token) throw unknown()
      return shown(token)
    },

    async end(caller, signedIn, tokenId) {
      await db.transaction(async (tx) => {
        const name = await queries.deleteToken(tx, signedIn.userId, tokenId)
        if (name === undefined) throw unknown()
        await publishAccountEnded(tx, signedIn.userId)
        await audit.record(tx, caller, tokenEnded({
          subject: subjectOf(signedIn),
          details: { tokenId, tokenName: name },
        }))
      })
    },

    endAll: queries.deleteTokensOf,

    async requireStanding(tokenId) {
      if (tokenId != null && !await queries.isStanding(db, tokenId, clock())) throw wrongToken()
    },

  }
}

const wrongToken = () => unauthenticated('This access token is wrong, was ended or has expired')

const shown = ({ createdAt, expiresAt, lastUsedAt, ...token }: TokenRow): AccessToken => ({
  ...token,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
})
