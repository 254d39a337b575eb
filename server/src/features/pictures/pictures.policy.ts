/** Of what is sent. */
export const MAX_SENT_BYTES = 10 * 1024 * 1024
export const MAX_SENT_MS = 2 * 60_000
/** A telephone's camera has no more in its usual mode; what claims to have more may be a few bytes that fill the memory. */
export const MAX_SENT_PIXELS = 50_000_000
/** Of what is kept: its bytes, which the table checks too, and its side. */
export const MAX_KEPT_BYTES = 100 * 1024
export const MAX_KEPT_SIDE = 512
/** At once, whoever sends them: each holds all that was sent until its turn comes. */
export const MAX_UNDER_WAY = 10
