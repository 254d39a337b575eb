import { generateSync } from 'otplib'

/** What an authenticator app shows so many steps from a time. */
export const codeOf = (secret: string, at: Date, steps = 0): string => generateSync({ secret, epoch: at.getTime() / 1000 + steps * 30 })
