/** Below `/api/v1`: a published policy, the version in effect or the one of that number. */
export const policyPath = (slug: string, number?: string): string => `/public/policies/${encodeURIComponent(slug)}${number === undefined
  ? ''
  : `/versions/${number}`}`
