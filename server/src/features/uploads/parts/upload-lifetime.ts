const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** An upload that nothing was sent to for so long is given up. */
export const UPLOAD_LIFETIME_MS = 7 * 24 * HOUR
/** How much later the end must be to be written down: parts come by the second. */
export const EXTEND_STEP_MS = 10 * MINUTE
