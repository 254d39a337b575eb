import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Body, Instant, Line, Literals, Name, Nullable, Ref, Uuid } from '../../http/schemas.ts'

/** Of an address: what `GET /auth/oidc` names `id`. */
export const Slug = Type.String({ minLength: 1, maxLength: 40, pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$' })
export const ProviderParams = Type.Object({ provider: Slug })
export const SignInProvidersQuery = Type.Object({
  with: Type.Optional(Slug),
})
export const StartInput = Body({
  /** A path of the web app, to go on to. */
  next: Type.Optional(Line(2000)),
  again: Type.Optional(Type.Boolean({ description: 'Whoever is signed in there shows again who they are' })),
})

/** What else a provider sends with it is its own. */
export const LogoutInput = Type.Object({
  logout_token: Line(8000),
})

export const SignInProvider = Type.Object({
  id: Type.String(),
  name: Type.String(),
}, { $id: 'SignInProvider', description: 'By whose word one may sign in' })
export type SignInProvider = Static<typeof SignInProvider>

export const SignInProviderList = Type.Object({
  items: Type.Array(Ref(SignInProvider)),
})

export const OwnSignIn = Type.Object({
  provider: Ref(SignInProvider),
  workspaceName: Nullable(Type.String({ description: 'Of a workspace’s own provider: it speaks for whoever belongs to that workspace alone, and never for dangerous acts' })),
  connection: Nullable(Type.Object({
    label: Type.String({ description: 'As the provider called the person last' }),
    connectedAt: Instant,
    lastUsedAt: Instant,
  })),
}, { $id: 'OwnSignIn', description: 'A provider, and whether one is connected with it' })

export const OwnSignInList = Type.Object({
  hasPassword: Type.Boolean(),
  items: Type.Array(Ref(OwnSignIn)),
}, { $id: 'OwnSignInList' })
export type OwnSignInList = Static<typeof OwnSignInList>

export const SentTo = Type.Object({
  url: Type.String({ description: 'Where the browser is to go next' }),
}, { $id: 'SentTo' })
export type SentTo = Static<typeof SentTo>

const Role = Literals('admin', 'staff')
const settings = {
  name: Name(60),
  issuer: Line(500),
  clientId: Line(255),
  scopes: Line(255),
  isEnabled: Type.Boolean(),
  trustedDomains: Type.Array(Line(255), { maxItems: 100, description: 'Of whose addresses its word counts' }),
  joinWorkspaceId: Nullable(Uuid),
  joinRole: Role,
  roleClaim: Nullable(Line(255)),
  roleMap: Type.Array(Body({
    value: Line(255),
    role: Role,
  }), { maxItems: 50 }),
}

export const OidcProvider = Type.Object({
  id: Uuid,
  slug: Type.String(),
  ...settings,
  hasClientSecret: Type.Boolean(),
  redirectUri: Type.String({ description: 'What the provider is told, where it asks where people come back to' }),
  logoutUri: Type.String({ description: 'Where the provider may say that somebody has signed out there (back-channel logout)' }),
  signInUrl: Type.String({ description: 'The sign-in page with its button: of a workspace’s, the only one that has it' }),
  joinWorkspaceName: Nullable(Type.String()),
  givesRoles: Type.Boolean({ description: 'Whether it lets anybody into that workspace: no more once whoever set that may give these roles no longer; whoever may sets it again' }),
  people: Type.Integer({ description: 'How many are connected with it' }),
  createdAt: Instant,
}, { $id: 'OidcProvider' })
export type OidcProvider = Static<typeof OidcProvider>

export const OidcProviderList = Type.Object({
  /** What the address of a new one begins with. */
  redirectBase: Type.String({ description: 'With a slug and /callback after it: the redirect URI of a new provider' }),
  items: Type.Array(Ref(OidcProvider)),
}, { $id: 'OidcProviderList' })
export type OidcProviderList = Static<typeof OidcProviderList>

const { name, issuer, clientId, ...others } = settings
const changeable = {
  clientSecret: Type.Optional(Nullable(Type.String({
    minLength: 1,
    maxLength: 1024,
    format: 'password',
    description: 'Null: a public client',
  }))),
  ...Object.fromEntries(Object.entries(others).map(([key, schema]) => [
    key,
    Type.Optional(schema),
  ])) as { [Key in keyof typeof others]: ReturnType<typeof Type.Optional<typeof others[Key]>> },
}
export const OidcProviderInput = Body({
  slug: Type.String({ ...Slug, description: 'Of a workspace’s: a UUID, made at random' }),
  name,
  issuer,
  clientId,
  ...changeable,
})
export type OidcProviderInput = Static<typeof OidcProviderInput>
export const OidcProviderChange = Body({
  name: Type.Optional(name),
  issuer: Type.Optional(issuer),
  clientId: Type.Optional(clientId),
  ...changeable,
})
export type OidcProviderChange = Static<typeof OidcProviderChange>
export const OidcProviderParams = Type.Object({ providerId: Uuid })
export const WorkspaceProviderParams = Type.Object({ workspaceId: Uuid, providerId: Uuid })

export const LookUpInput = Body({ issuer })
export const Discovered = Type.Object({
  issuer: Type.String(),
  endsSessions: Type.Boolean({ description: 'Whoever signs out here is signed out there too' }),
  scopes: Type.Array(Type.String()),
  claims: Type.Array(Type.String()),
}, { $id: 'Discovered', description: 'What a provider says of itself' })
