import { create as contentDisposition } from 'content-disposition'

/** Content-Disposition of something to keep (RFC 6266), whatever its name is. */
export const attachment = (name: string): string => contentDisposition(name, {
  fallback: asciiName(name),
})

/** For programs that do not read `filename*` (RFC 6266 §4.3). */
function asciiName(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').replace(/[^\x20-\x7E]/gu, '_').replace(/[%"\\/]/g, '_')
}
