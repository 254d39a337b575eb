import type { AuthenticationResponseJSON, PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON, RegistrationResponseJSON } from '@simplewebauthn/server'

export type { AuthenticationResponseJSON, PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON, RegistrationResponseJSON }

// The library brings certificates and formats that a server without passkeys does not need in its memory.
const library = () => import('@simplewebauthn/server')

/** For how long an authenticator may take. */
export const CEREMONY_MS = 5 * 60_000

/** EdDSA, ES256, RS256 (COSE). The library would ask for ML-DSA too, which Node calls experimental. */
const ALGORITHMS = [-8, -7, -257]

export interface KnownPasskey { credentialId: string, publicKey: Buffer, counter: number, transports: string[] }

/** The challenge that an answer says it is to; whether that was asked is for others to say. */
export function challengeOf({ response }: RegistrationResponseJSON | AuthenticationResponseJSON): string {
  try {
    const { challenge } = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString()) as { challenge?: unknown }
    return typeof challenge === 'string'
      ? challenge
      : ''
  }
  catch {
    return ''
  }
}

/** Passkeys (WebAuthn level 3) of the origin that PUBLIC_URL has; those of another host are not known to its browsers. */
export function createWebAuthn(publicUrl: string) {
  const { origin, hostname: rpId } = new URL(publicUrl)
  const listOf = (passkeys: readonly Pick<KnownPasskey, 'credentialId' | 'transports'>[]) => passkeys.map(({ credentialId: id, transports }) => ({ id, transports }))

  return {
    async creationOptions({ issuer, person, has }: { issuer: string, person: { id: string, email: string, name: string }, has: readonly KnownPasskey[] }): Promise<PublicKeyCredentialCreationOptionsJSON> {
      const { generateRegistrationOptions } = await library()
      return generateRegistrationOptions({
        rpName: issuer,
        rpID: rpId,
        userID: new TextEncoder().encode(person.id),
        userName: person.email,
        userDisplayName: person.name,
        timeout: CEREMONY_MS,
        attestationType: 'none',
        supportedAlgorithmIDs: ALGORITHMS,
        excludeCredentials: listOf(has),
        // One that stands alone where it can: nothing to type, and a finger or a PIN.
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      })
    },

    /** @param passkeys of a person that is known; absent: the authenticator says who it is */
    async requestOptions(passkeys?: readonly KnownPasskey[]): Promise<PublicKeyCredentialRequestOptionsJSON> {
      const { generateAuthenticationOptions } = await library()
      return generateAuthenticationOptions({
        rpID: rpId,
        timeout: CEREMONY_MS,
        allowCredentials: passkeys && listOf(passkeys),
        userVerification: passkeys
          ? 'preferred'
          : 'required',
      })
    },

    /** @returns undefined for anything but a good answer to the challenge */
    async registered(response: RegistrationResponseJSON, challenge: string): Promise<KnownPasskey & { isBackedUp: boolean } | undefined> {
      const { verifyRegistrationResponse } = await library()
      const result = await orUndefined(verifyRegistrationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: rpId,
        supportedAlgorithmIDs: ALGORITHMS,
        requireUserVerification: false,
      }))
      if (!result?.verified) return undefined
      const { credential, credentialBackedUp } = result.registrationInfo
      return {
        credentialId: credential.id,
        publicKey: Buffer.from(credential.publicKey),
        counter: credential.counter,
        transports: credential.transports ?? [],
        isBackedUp: credentialBackedUp,
      }
    },

    /** @param isAlone the passkey is all that is shown: then its holder has to be verified by it @returns undefined for anything but a good answer to the challenge */
    async proved(response: AuthenticationResponseJSON, passkey: KnownPasskey, challenge: string, isAlone: boolean): Promise<{ counter: number, isBackedUp: boolean, isVerified: boolean } | undefined> {
      const { verifyAuthenticationResponse } = await library()
      const result = await orUndefined(verifyAuthenticationResponse({
        response,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: rpId,
        credential: {
          id: passkey.credentialId,
          publicKey: new Uint8Array(passkey.publicKey),
          counter: passkey.counter,
          transports: passkey.transports,
        },
        requireUserVerification: isAlone,
      }))
      return result?.verified
        ? {
            counter: result.authenticationInfo.newCounter,
            isBackedUp: result.authenticationInfo.credentialBackedUp,
            isVerified: result.authenticationInfo.userVerified,
          }
        : undefined
    },
  }
}
export type WebAuthn = ReturnType<typeof createWebAuthn>

/** The library throws for whatever is not as it should be; what that is, whoever sent it need not know. */
async function orUndefined<T>(verified: Promise<T>): Promise<T | undefined> {
  try {
    return await verified
  }
  catch {
    return undefined
  }
}
