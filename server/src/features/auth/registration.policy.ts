import { domainToASCII } from 'node:url'

/** Who may come to an account, beside those whom operators make on the machine. */
export const registrationModes = [
  /** Whoever is invited to a workspace; as it is at first. */
  'invitation',
  /** Nobody: only who has an account already joins by an invitation. */
  'closed',
  /** Whoever reads mail at an address of one of the listed domains; and whoever is invited. */
  'domain',
  /** Whoever reads mail at an address; and whoever is invited. */
  'open',
] as const
export type RegistrationMode = typeof registrationModes[number]

export interface RegistrationRule { registration: RegistrationMode, registrationDomains: readonly string[] }

/** A domain as it is compared; undefined for what is none. */
export function domainKey(domain: string): string | undefined {
  const text = domain.trim().replace(/^@/, '').toLowerCase()
  // At one of these `domainToASCII` takes a part for the whole.
  if (/[\s/?#%@:\\]/.test(text)) return undefined
  const key = domainToASCII(text)
  return /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z\d-]{2,63}$/.test(key)
    ? key
    : undefined
}

/** Whether people make accounts by themselves at all. */
export const takesRegistrations = ({ registration }: Pick<RegistrationRule, 'registration'>) => registration === 'domain' || registration === 'open'

/** Whether whoever reads mail at this address may. Of a domain its own addresses alone, not those of domains below it, which may be somebody else's. */
export function mayRegister(rule: RegistrationRule, email: string): boolean {
  const domain = domainKey(email.slice(email.lastIndexOf('@') + 1))
  return rule.registration === 'open' || (rule.registration === 'domain' && domain !== undefined && rule.registrationDomains.includes(domain))
}

/** Whether an invitation makes an account. */
export const invitationMakesAccounts = ({ registration }: Pick<RegistrationRule, 'registration'>) => registration !== 'closed'
