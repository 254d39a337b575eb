import { describe, expect, it } from 'vitest'
import { handOverHeaders, takesHandOver } from './hand-over.http.ts'

describe('takesHandOver', () => {
  const asks = { 'x-sendfile-type': 'X-Accel-Redirect' }

  it.each([
    [
      'a trusted proxy that asks for it',
      asks,
      ['10.0.0.2', '203.0.113.9'],
      true,
    ],
    [
      'a trusted proxy that does not',
      {},
      ['10.0.0.2', '203.0.113.9'],
      false,
    ],
    [
      'a trusted proxy that wants a file of its own host',
      { 'x-sendfile-type': 'X-Sendfile' },
      ['10.0.0.2', '203.0.113.9'],
      false,
    ],
    [
      'whoever is not trusted',
      asks,
      ['203.0.113.9'],
      false,
    ],
    [
      'anybody when nobody is trusted',
      asks,
      undefined,
      false,
    ],
  ])('%s', (_who, headers, ips, expected) => {
    expect(takesHandOver({ headers, ips })).toBe(expected)
  })
})

describe('handOverHeaders', () => {
  const bytes = { start: 5, end: 9 }

  it('name a file below the storage folder, the bytes, and what to answer when it fails', () => {
    const headers = handOverHeaders({ kind: 'file', path: 'objects/ab/w.v' }, bytes, 300, 'request-1')
    expect(headers).toEqual({
      'x-accel-store': 'file',
      'x-accel-redirect': 'objects/ab/w.v',
      'x-accel-range': 'bytes=5-9',
      'x-accel-content-range': 'bytes 5-9/300',
      'x-accel-length': '5',
      'x-accel-problem': expect.any(String),
    })
    expect(JSON.parse(headers['x-accel-problem']!)).toMatchObject({ status: 503, code: 'service.unavailable', requestId: 'request-1' })
  })

  it.each([
    [
      'http://minio:9000/b/w/v?X-Amz-Credential=a%2Fb&X-Amz-Signature=1',
      'http',
      'minio:9000',
      'minio:9000',
    ],
    [
      'http://minio/b/w/v?X-Amz-Credential=a%2Fb&X-Amz-Signature=1',
      'http',
      'minio',
      'minio:80',
    ],
    [
      'https://s3.example/b/w/v?X-Amz-Credential=a%2Fb&X-Amz-Signature=1',
      'https',
      's3.example',
      's3.example:443',
    ],
    [
      'https://[::1]:9/b/w/v?X-Amz-Credential=a%2Fb&X-Amz-Signature=1',
      'https',
      '[::1]:9',
      '[::1]:9',
    ],
  ])('split the address %s and leave its query as it was signed', (url, store, host, dial) => {
    expect(handOverHeaders({
      kind: 'url',
      url: new URL(url),
    }, bytes, 300, 'r')).toMatchObject({
      'x-accel-store': store,
      'x-accel-host': host,
      'x-accel-dial': dial,
      'x-accel-redirect': '/b/w/v?X-Amz-Credential=a%2Fb&X-Amz-Signature=1',
    })
  })
})
