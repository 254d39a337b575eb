import type { WorkspaceRole } from '../access/access.policy.ts'
import { asLine, faultOf, isVisible } from '../../http/text-forms.ts'
import { mayAssignRole } from '../access/access.policy.ts'
import { domainKey } from '../auth/registration.policy.ts'

/** What a provider says of somebody, once its answer was found to hold. */
export interface Told {
  subject: string
  /** Its own name for the session that they have there. */
  sid: string | null
  /** When they showed it there who they are (`auth_time`, OpenID Connect Core 1.0, section 2), which may be hours ago; null: it does not say. */
  authAt: Date | null
  claims: Readonly<Record<string, unknown>>
}

export type MappedRole = 'admin' | 'staff'

const textOf = (value: unknown): string | undefined => typeof value === 'string' && isVisible(value)
  ? asLine(value)
  : undefined

/**
 * The address at which a provider says that the person reads mail, where its word for that counts: of a domain that an operator listed. Providers differ in what they
 * call verified, and one of them could say it of any address.
 */
export function provedEmail({ trustedDomains }: { trustedDomains: readonly string[] }, { claims: { email, email_verified: isVerified } }: Told): string | undefined {
  if (typeof email !== 'string' || isVerified !== true || email.length > 254 || !/^[^@\s]+@[^@\s]+$/.test(email) || faultOf(email, 'address') !== undefined) return undefined
  const domain = domainKey(email.slice(email.lastIndexOf('@') + 1))
  return domain !== undefined && trustedDomains.includes(domain)
    ? email
    : undefined
}

/** By what people know which account of theirs it is: an address, proved or not. */
export const labelOf = ({ claims, subject }: Told): string => (textOf(claims.email) ?? textOf(claims.preferred_username) ?? textOf(claims.name) ?? asLine(subject)).slice(0, 254)

/** As a newcomer is called here at first. */
export function nameOf({ claims }: Told, email: string): string {
  const given = [claims.given_name, claims.family_name].map(textOf).filter(part => part !== undefined).join(' ')
  const name = textOf(claims.name) ?? (given || textOf(claims.preferred_username)) ?? email.slice(0, email.lastIndexOf('@'))
  return [...name].slice(0, 120).join('').slice(0, 120).toWellFormed()
}

export const localeOf = ({ claims }: Told): 'en' | 'de' | null => {
  const language = typeof claims.locale === 'string'
    ? claims.locale.slice(0, 2).toLowerCase()
    : ''
  return language === 'de' || language === 'en'
    ? language
    : null
}

/** The most that any of the person's values gives; undefined where the provider says nothing of it. An owner is made by owners alone. */
export function mappedRole({ roleClaim, roleMap }: { roleClaim: string | null, roleMap: readonly { value: string, role: MappedRole }[] }, { claims }: Told): MappedRole | undefined {
  if (roleClaim === null) return undefined
  // Some providers name a claim by an address, dots and all; others put it inside another.
  const claim = Object.hasOwn(claims, roleClaim)
    ? claims[roleClaim]
    : roleClaim.split('.').reduce<unknown>((within, key) => typeof within === 'object' && within !== null && Object.hasOwn(within, key)
        ? (within as Record<string, unknown>)[key]
        : undefined, claims)
  const values = new Set([claim].flat())
  const roles = new Set(roleMap.filter(({ value }) => values.has(value)).map(({ role }) => role))
  return roles.has('admin')
    ? 'admin'
    : roles.has('staff')
      ? 'staff'
      : undefined
}

/** Whether a provider's people are given these roles: by the right of whoever said so, who may have lost it since. */
export const givesRoles = (giver: WorkspaceRole | null, roles: readonly MappedRole[]): boolean => giver !== null && roles.every(role => mayAssignRole(giver, null, role))

const HERE = 'http://here.invalid'

/** A path of the web app, to go on to: never another site, however its address is written, and nothing of the API. */
export function ownPath(next: string | undefined): string {
  const url = next !== undefined && /^\/(?![/\\])/.test(next)
    ? URL.parse(next, HERE)
    : null
  return url?.origin === HERE && !url.pathname.startsWith('//') && !/^\/api(?:\/|$)/.test(url.pathname)
    ? url.pathname + url.search + url.hash
    : '/'
}

/** As it is compared with what the provider says it is. */
export function issuerProblem(issuer: string): string | undefined {
  const url = URL.parse(issuer)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'must begin with https:// (or http://, in a private network)'
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return 'cannot have a user, a ? or a #'
  if (url.pathname.includes('/.well-known/')) return 'is what comes before /.well-known/'
  return undefined
}

const WELL_KNOWN = '/.well-known/openid-configuration'
/** People copy the address of the description itself. */
export const issuerOf = (typed: string) => typed.trim().endsWith(WELL_KNOWN)
  ? typed.trim().slice(0, -WELL_KNOWN.length)
  : typed.trim()
