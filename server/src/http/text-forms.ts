const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** As this API writes ids. Not `urn:uuid:` in front, which PostgreSQL refuses, nor capitals, which are no other id. */
export const isUuid = (text: string): boolean => uuid.test(text)

/**
 * Whether a text is a time that JavaScript and PostgreSQL both know: of the years 1 to 9999 in UTC, and no leap second (RFC 3339 §5.6 has
 * both 23:59:60 and the year 0).
 */
export function isStorableInstant(text: string): boolean {
  const year = new Date(text).getUTCFullYear()
  return year >= 1 && year <= 9999
}
