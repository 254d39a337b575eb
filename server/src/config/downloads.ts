import { Type } from 'typebox'
import { defineFragment, setting } from './fragment.ts'

/** Who sends the bytes of a file. */
export const downloadsSettings = defineFragment({
  settings: {
    downloadsBy: Type.Union([
      Type.Literal('server'),
      Type.Literal('proxy'),
      Type.Literal('store'),
    ], {
      ...setting('DOWNLOADS_BY', 'Who sends the bytes of a file: server; proxy (only behind the bundled Caddy, which fetches them from the store itself); store (browsers are sent to a signed address at S3_PUBLIC_ENDPOINT)'),
      default: 'server',
    }),
  },
  check(raw) {
    if (raw.downloadsBy === 'proxy' && raw.trustedProxies === '') return ['DOWNLOADS_BY=proxy needs TRUSTED_PROXIES: only a trusted proxy is asked to send the bytes.']
    if (raw.downloadsBy === 'store' && raw.storage !== 's3') return ['DOWNLOADS_BY=store needs STORAGE=s3: a browser cannot be sent to a folder.']
    if (raw.downloadsBy === 'store' && !raw.s3PublicEndpoint) return ['DOWNLOADS_BY=store needs S3_PUBLIC_ENDPOINT: the address of the store as browsers reach it.']
    return []
  },
})
