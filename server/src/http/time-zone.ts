/** Whether it is a name by which IANA knows a time zone, or once did. */
export function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  }
  catch {
    return false
  }
}
