import type { Caller } from '../../http/caller.ts'
import type { Policy, PolicyChange, PolicyInput, PolicyListing, PolicyPublication, PublishedPolicy } from './policies.schemas.ts'

export interface PoliciesService {
  /** Those with a version in effect, in their order. */
  listPublished: () => Promise<PolicyListing[]>
  /** The version in effect, or the one asked for. @throws {AppError} `not_found` */
  getPublished: (slug: string, number?: number) => Promise<PublishedPolicy>
  list: () => Promise<Policy[]>
  get: (policyId: string) => Promise<Policy>
  /** Without Markdown: begins with the starter text of its kind. @throws {AppError} `policy.slug_taken` */
  create: (caller: Caller, input: PolicyInput) => Promise<Policy>
  /** Changes the draft. The slug only while nothing is published: versions stay at stable addresses. @throws {AppError} `policy.slug_fixed`, `precondition.failed` */
  change: (caller: Caller, policyId: string, change: PolicyChange, ifMatch: string | undefined) => Promise<Policy>
  /** Freezes the draft as a version. @throws {AppError} `policy.nothing_to_publish`, `policy.effective_in_past` */
  publish: (caller: Caller, policyId: string, publication: PolicyPublication, ifMatch: string | undefined) => Promise<Policy>
  /** No longer linked; published versions stay readable at their addresses. A draft that was never published goes away. */
  withdraw: (caller: Caller, policyId: string) => Promise<void>
  /** The text that a kind begins with, from how this deployment is really set up. */
  starter: (kind: 'privacy' | 'terms' | 'imprint' | 'page') => Promise<{ title: string, markdown: string }>
}
