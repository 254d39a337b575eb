/** Milliseconds that the server's clock is ahead of the browser's, which may be days off. */
let ahead = 0

/** What an answer of the server says of its time: whole seconds, and some of them have passed on the way. */
export function noteServerTime(response: Response, now = Date.now()): void {
  const at = Date.parse(response.headers.get('date') ?? '')
  if (!Number.isNaN(at)) ahead = at - now
}

/** The time by which the server decides, within a second or two. Until it has answered, the browser's. */
export const serverNow = (): Date => new Date(Date.now() + ahead)
