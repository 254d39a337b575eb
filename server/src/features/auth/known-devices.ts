import type { Tx } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import { hashSecret, newSecret } from '../../crypto/secrets.ts'
import * as queries from './known-devices.queries.ts'

/** As long as browsers keep a cookie at most. */
export const DEVICE_DAYS = 400

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
  const mark = hashSecret([
    userId,
    ...deviceToken === undefined
      ? [origin.userAgent ?? '', origin.ip ?? '']
      : [deviceToken],
  ].join('\n'))
  return { deviceToken, isNewDevice: await queries.meetDevice(tx, userId, mark, now) }
}
