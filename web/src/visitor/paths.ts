/**
 * The addresses of people without an account. They get an app of their own (visitor.html), which carries nothing of the staff's;
 * the server (`http/web-app.ts`) knows them too.
 */
export const isVisitorPath = (path: string): boolean => /^\/(?:s|policies|contact|requests|home)(?:\/|$)/.test(path)

/** The addresses whose visits may be counted: for everybody, and without a secret or the name of a workspace (`/policies/w/…`) in them. */
export const isCountedPath = (path: string): boolean => /^\/(?:(?:contact|home)(?:\/|$)|policies(?:\/?$|\/[^/]{2,}(?:\/|$)))/.test(path)
