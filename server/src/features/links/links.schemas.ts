import type { Static } from 'typebox'
import type { LinkSort, LinkState } from './links.policy.ts'
import { Type } from 'typebox'
import { Body, Instant, Line, Literals, Nullable, PageQuery, Password, Ref, Text, Uuid } from '../../http/schemas.ts'
import { itemIds } from '../items/items.schemas.ts'
import { Person } from '../users/users.schemas.ts'
import { linkSorts, linkStates } from './links.policy.ts'

const options = {
  title: Type.Optional(Nullable(Line(200, 0))),
  message: Type.Optional(Nullable(Text(2000, 0))),
  password: Type.Optional(Nullable(Type.Unsafe<string>({
    ...Password(8, 128),
    description: 'Null takes it away',
  }))),
  expiresAt: Type.Optional(Nullable(Instant)),
  maxDownloads: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }))),
}
/** Whoever opens the link is shown each; what holds more is a folder. */
const LinkItemIds = itemIds(1000)
export const LinkInput = Body({ itemIds: LinkItemIds, ...options })
export type LinkInput = Static<typeof LinkInput>
export const LinkChange = Body({
  itemIds: Type.Optional(LinkItemIds),
  ...options,
})
export type LinkChange = Static<typeof LinkChange>

export const Link = Type.Object({
  id: Uuid,
  url: Nullable(Type.String({ description: 'Ends in the token; null for those who may not share its items' })),
  name: Type.String({ description: 'What it is called everywhere: its title, or what it leads to, as `Letter.pdf +2`; empty when nothing of that is left' }),
  title: Nullable(Type.String()),
  message: Nullable(Type.String()),
  items: Type.Array(Type.Object({
    id: Uuid,
    kind: Literals('folder', 'file'),
    name: Type.String(),
    parentId: Nullable(Type.Unsafe<string>({ ...Uuid, description: 'The folder that it lies in; null for the top of a space' })),
    isTrashed: Type.Boolean({ description: 'It, or a folder above it, is in the trash: the link does not show it meanwhile' }),
  })),
  hasPassword: Type.Boolean(),
  expiresAt: Nullable(Instant),
  maxDownloads: Nullable(Type.Integer()),
  downloadCount: Type.Integer(),
  openCount: Type.Integer(),
  lastOpenedAt: Nullable(Instant),
  state: Type.Unsafe<LinkState>(Type.String({ enum: linkStates, description: 'suspended: its creator may no longer share its items, or they are in the trash' })),
  mayChange: Type.Boolean({ description: 'Whoever asks may share all its items, and so change and revoke it' }),
  createdBy: Nullable(Ref(Person)),
  createdAt: Instant,
  updatedAt: Instant,
  etag: Type.String(),
}, { $id: 'Link' })
export type Link = Static<typeof Link>

export const LinkListQuery = Type.Object({
  ...PageQuery,
  itemId: Type.Optional(Uuid),
  q: Type.Optional(Type.Unsafe<string>({
    ...Line(200),
    description: 'Words, or parts of words, that are all in its title, the names of what it leads to or its creator’s name, in any order',
  })),
  sort: Type.Optional(Type.Unsafe<LinkSort>({
    ...Literals(...linkSorts),
    description: 'By default the newest first. What was never opened, or never expires, stands last both ways',
  })),
  state: Type.Optional(Type.Unsafe<LinkState | 'ended'>({
    ...Literals('ended', ...linkStates),
    description: 'ended: every state but active',
  })),
}, { additionalProperties: false })
export type LinkListQuery = Static<typeof LinkListQuery>
export const LinkParams = Type.Object({ workspaceId: Uuid, linkId: Uuid })
