const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** While bytes flow into an object, its row says so this often. */
export const TOUCH_STEP_MS = 10 * MINUTE
/** What the store holds without an owner is left alone until it is this old: its owner may be a request that still runs. */
export const SWEEP_GRACE_MS = 24 * HOUR
/** What was to be deleted and still is there after so long has lost its job. */
export const DOOMED_GRACE_MS = HOUR

/** What no row knows is deleted when it has been unknown for so long: time enough to notice that it is the database that is wrong. */
export const QUARANTINE_MS = 14 * 24 * HOUR

/** Of so many at least… */
const FEW = 10
/** …this share at most. */
const SHARE = 0.01

/** Store and database disagree about more than crashes and bit rot bring: one of them is another one than meant, and nothing is done by what it lacks. */
export const isTooMuch = (differing: number, lookedAt: number): boolean => lookedAt >= FEW && differing > lookedAt * SHARE
