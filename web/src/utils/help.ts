import { shallowRef } from 'vue'

export interface HelpWanted {
  /** Of what failed before: whoever answers finds it in the server's log. */
  failedRequestId?: string
}

/** What somebody signed in wants help with; undefined while they do not ask. */
export const helpWanted = shallowRef<HelpWanted>()
/** Whether this app has somebody who takes it: people without an account write by the form. */
export const takesHelp = shallowRef(false)
