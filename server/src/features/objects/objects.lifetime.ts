const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** While bytes flow into an object, its row says so this often. */
export const TOUCH_STEP_MS = 10 * MINUTE
/** What the store holds without an owner is left alone until it is this old: its owner may be a request that still runs. */
export const SWEEP_GRACE_MS = 24 * HOUR
/** What was to be deleted and still is there after so long has lost its job. */
export const DOOMED_GRACE_MS = HOUR
