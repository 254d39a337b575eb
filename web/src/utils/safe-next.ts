/** A path of ours to go on to after sign-in, never another site (`//host`, `/\host`). */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next)
    ? next
    : '/'
}
