import type { Executor, Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'
import * as queries from './known-devices.queries.ts'

/** As `newSecret` makes it. */
const DEVICE_TOKEN = /^[\w-]{43}$/
/** A browser's token is one part without a line end, a program's name and address are two: neither is ever taken for the other. */
const markOf = (userId: string, ...knownBy: string[]) => hashSecret([userId, ...knownBy].join('\n'))

export interface MetDevice {
  /** What the browser is to keep, so as to be known again; undefined: it is a program. */
  deviceToken?: string
  isNewDevice: boolean
}

/**
 * A browser is known by what it holds, not by what it says of itself, which whoever has stolen a password can say too, nor by its network, which a phone changes
 * on every way. Programs keep no cookies: they are known by their name and address together.
 */
export async function meetDevice(tx: Tx, { device, origin }: Caller, userId: string, now: Date): Promise<MetDevice> {
  const deviceToken = device ?? (origin.via === 'web'
    ? newSecret()
    : undefined)
  const mark = deviceToken === undefined
    ? markOf(userId, origin.userAgent ?? '', origin.ip ?? '')
    : markOf(userId, deviceToken)
  return { deviceToken, isNewDevice: await queries.meetDevice(tx, userId, mark, now) }
}

/** What a browser says that it is known by, if it can be one of ours: no other text is taken for what a program is known by. */
export const deviceTokenOf = (cookie: string | undefined): string | undefined => cookie !== undefined && DEVICE_TOKEN.test(cookie)
  ? cookie
  : undefined

/** @returns its mark, when the person has signed in in this browser before */
export async function knownDeviceOf(db: Executor, { device }: Caller, userId: string): Promise<string | undefined> {
  if (device === undefined) return undefined
  const mark = markOf(userId, device)
  return await queries.isKnown(db, userId, mark)
    ? mark.toString('base64url')
    : undefined
}
