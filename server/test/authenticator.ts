import type { Buffer as Bytes } from 'node:buffer'
import { Buffer } from 'node:buffer'
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

const FLAG = { present: 0x01, verified: 0x04, attested: 0x40 }
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest()

/** Holds one passkey, as an authenticator and its browser do (WebAuthn level 3), and lies where it is told to. */
export function createAuthenticator({ origin }: { origin: string }) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const credentialId = randomBytes(32)
  const id = credentialId.toString('base64url')
  const { x, y } = publicKey.export({ format: 'jwk' })
  let counter = 0

  function authenticatorData(flags: number, { rpId = new URL(origin).hostname, count = ++counter, attested = Buffer.alloc(0) }: { rpId?: string, count?: number, attested?: Bytes } = {}): Bytes {
    const counted = Buffer.alloc(4)
    counted.writeUInt32BE(count)
    return Buffer.concat([
      sha256(rpId),
      Buffer.from([flags]),
      counted,
      attested,
    ])
  }
  const clientData = (type: string, challenge: string, at: string) => Buffer.from(JSON.stringify({
    type: `webauthn.${type}`,
    challenge,
    origin: at,
    crossOrigin: false,
  }))
  const shared = {
    id,
    rawId: id,
    type: 'public-key',
    clientExtensionResults: {},
  } as const

  return {
    id,

    create({ challenge }: { challenge: string }, { at = origin, rpId }: { at?: string, rpId?: string } = {}) {
      // COSE_Key (RFC 9053): EC2, ES256, P-256.
      const key = Buffer.concat([
        Buffer.from('a5010203262001215820', 'hex'),
        Buffer.from(x!, 'base64url'),
        Buffer.from('225820', 'hex'),
        Buffer.from(y!, 'base64url'),
      ])
      const data = authenticatorData(FLAG.present | FLAG.verified | FLAG.attested, {
        rpId,
        attested: Buffer.concat([
          Buffer.alloc(16),
          Buffer.from([0, credentialId.length]),
          credentialId,
          key,
        ]),
      })
      // CBOR: { fmt: 'none', attStmt: {}, authData }
      const attestation = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746158', 'hex'),
        Buffer.from([data.length]),
        data,
      ])
      return {
        ...shared,
        response: {
          clientDataJSON: clientData('create', challenge, at).toString('base64url'),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal'],
        },
      }
    },

    get({ challenge }: { challenge: string }, { at = origin, isVerified = true, ...asked }: { at?: string, isVerified?: boolean, rpId?: string, count?: number } = {}) {
      const data = authenticatorData(FLAG.present | (isVerified
        ? FLAG.verified
        : 0), asked)
      const client = clientData('get', challenge, at)
      return {
        ...shared,
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: sign('sha256', Buffer.concat([
            data,
            sha256(client),
          ]), privateKey).toString('base64url'),
        },
      }
    },
  }
}
export type Authenticator = ReturnType<typeof createAuthenticator>
