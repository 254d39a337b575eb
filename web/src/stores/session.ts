import type { Me, SecondStep, SentTo, SignedInAnswer } from '../api/generated/types.gen.ts'
import type { AccessToken, SessionLimit } from './token-keeper.ts'
import { useQueryCache } from '@pinia/colada'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { requestJson, setTokenSource } from '../api/http.ts'
import { keep, recall } from '../utils/browser-storage.ts'
import { createTokenKeeper } from './token-keeper.ts'

export type Membership = Me['memberships'][number]
export type WorkspaceRole = Membership['role']

type TabMessage = { type: 'signed-in', userId: string } | { type: 'signed-out' }

/** Says that a session may exist, so that a visitor's first page does not ask for one in vain. It is no credential. */
const storage = {
  get: () => recall('clientshare.session'),
  set: (value: string | null) => keep('clientshare.session', value),
}

let usedAt = Date.now()
for (const type of ['keydown', 'pointerdown', 'wheel']) addEventListener(type, () => usedAt = Date.now(), true)

/** Who is signed in here. The access token lives in memory only; the refresh token is a cookie that no script can read. */
export const useSessionStore = defineStore('session', () => {
  const me = ref<Me | null>(null)
  /** The server ended the session: the dialog over the page is open. */
  const expired = ref(false)
  /** Why there is no session, where it came to its end by itself. */
  const endedBy = ref<SessionLimit>()
  const cache = useQueryCache()
  const tabs = typeof BroadcastChannel === 'undefined'
    ? null
    : new BroadcastChannel('clientshare.session')

  let settleExpired: ((signedIn: boolean) => void) | null = null
  const keeper = createTokenKeeper({
    fetch: (input, init) => globalThis.fetch(input, init),
    locks: navigator.locks,
    restedSeconds: () => Math.round((Date.now() - usedAt) / 1000),
    onNone: (limit) => { endedBy.value = limit },
    onExpired: () => new Promise((resolve) => {
      settleExpired = resolve
      expired.value = true
    }),
  })
  /** A call waits until the person has shown that it is them: the dialog over the page is open. */
  const steppingUp = ref(false)
  let asked: { answer: Promise<boolean>, settle: (done: boolean) => void } | null = null
  setTokenSource({
    ...keeper,
    mustAgree: () => void loadMe(),
    stepUp() {
      if (!asked) {
        let settle = (_done: boolean) => {}
        asked = {
          answer: new Promise<boolean>((resolve) => { settle = resolve }),
          settle: done => settle(done),
        }
        steppingUp.value = true
      }
      return asked.answer
    },
  })

  function finishStepUp(done: boolean) {
    steppingUp.value = false
    asked?.settle(done)
    asked = null
  }

  /** Whether it is worth loading what only members see before the server has said who this is. */
  const mayBeSignedIn = () => storage.get() !== null

  let restoring: Promise<void> | null = null

  async function loadMe(): Promise<Me> {
    me.value = await requestJson<Me>('GET', '/me')
    return me.value
  }

  /** Once a page load. Throws ProblemError when the server cannot be asked; the next call tries again. */
  function restore(): Promise<void> {
    restoring ??= (async () => {
      if (me.value || storage.get() === null) return
      if (await keeper.restore()) await loadMe()
      else storage.set(null)
    })().catch((error) => {
      restoring = null
      throw error
    })
    return restoring
  }

  /** Takes over a session that the server has just opened (either step of a sign-in, set-up, an accepted invitation). */
  async function adopt(token: AccessToken): Promise<Me> {
    const user = await requestJson<Me>('GET', '/me', undefined, { authorization: `Bearer ${token.accessToken}` })
    // Nothing on the page is theirs, and what waits there is not sent in their name.
    if (me.value && me.value.id !== user.id) forget()
    keeper.set(token)
    me.value = user
    endedBy.value = undefined
    storage.set(user.id)
    tabs?.postMessage({ type: 'signed-in', userId: user.id } satisfies TabMessage)
    finishExpired(true)
    return user
  }

  /** @returns what the second step goes on from, where a second factor is asked for */
  async function signIn(credentials: { email: string, password: string }): Promise<SecondStep | undefined> {
    const answer = await requestJson<SignedInAnswer | SecondStep>('POST', '/auth/login', credentials)
    if ('mfaToken' in answer) return answer
    await adopt(answer)
  }

  function finishExpired(signedIn: boolean) {
    expired.value = false
    settleExpired?.(signedIn)
    settleExpired = null
  }

  /** Leaves nothing of the person behind: not in memory, not in the cache. */
  function forget() {
    keeper.clear()
    storage.set(null)
    me.value = null
    finishExpired(false)
    finishStepUp(false)
    for (const entry of cache.getEntries()) cache.remove(entry)
  }

  /** Asked before a session is ended that something still needs; each asks the person itself. */
  const guards = new Set<() => Promise<boolean>>()

  async function mayEnd(): Promise<boolean> {
    for (const guard of guards) {
      if (!await guard()) return false
    }
    return true
  }

  /** @returns where the browser goes next, if a provider's session is to end too */
  async function signOut(): Promise<string | undefined> {
    try {
      return (await requestJson<SentTo | undefined>('POST', '/auth/logout'))?.url
    }
    finally {
      forget()
      tabs?.postMessage({ type: 'signed-out' } satisfies TabMessage)
    }
  }

  tabs?.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => {
    const other = data.type === 'signed-out' || data.userId !== me.value?.id
    // Another person in the same browser: nothing on this page is theirs.
    if (me.value && other) {
      forget()
      location.reload()
    }
    else if (data.type === 'signed-in' && expired.value) {
      void keeper.restore().then(finishExpired, () => {})
    }
    else if (!me.value) {
      restoring = null
    }
  })

  return {
    me,
    expired,
    endedBy,
    steppingUp,
    /** Where the person works, each with the staff's pages. */
    memberships: computed(() => me.value?.memberships.filter(({ role }) => role !== 'client') ?? []),
    /** Whose client they are: there is a portal there, and nothing else. */
    clientOf: computed(() => me.value?.memberships.filter(({ role }) => role === 'client') ?? []),
    isSignedIn: computed(() => me.value !== null),
    isOperator: computed(() => me.value?.isOperator ?? false),
    accessToken: keeper.get,
    replaceToken: keeper.replace,
    mayBeSignedIn,
    restore,
    loadMe,
    adopt,
    signIn,
    finishStepUp,
    /** @returns a function that takes the guard away */
    guardEnd: (guard: () => Promise<boolean>) => {
      guards.add(guard)
      return () => guards.delete(guard)
    },
    mayEnd,
    signOut,
    forget,
  }
})

export type SessionStore = ReturnType<typeof useSessionStore>
