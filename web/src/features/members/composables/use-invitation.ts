import type { AcceptAnswer, AcceptInvitationData, PublicInvitation, SecondStep } from '../../../api/generated/types.gen.ts'
import { shallowRef } from 'vue'
import { useRouter } from 'vue-router'
import { requestJson } from '../../../api/http.ts'
import { toProblem } from '../../../api/problem.ts'
import { i18n } from '../../../locales/index.ts'
import { useSessionStore } from '../../../stores/session.ts'

export type InvitationView
  = | { state: 'loading' }
    | { state: 'open', invitation: PublicInvitation }
  /** Unknown, expired, revoked, used. */
    | { state: 'gone' }
    | { state: 'failed', error: unknown }

/** `{}` for who is signed in; without a name for an account that there is already. */
export type Acceptance = Omit<AcceptInvitationData['body'], 'locale'>

export function useInvitation(token: string) {
  const session = useSessionStore()
  const router = useRouter()
  const view = shallowRef<InvitationView>({ state: 'loading' })
  /** Of the sign-in by which somebody with a second factor joins. */
  const step = shallowRef<SecondStep>()
  const path = `/public/invitations/${encodeURIComponent(token)}`

  function showGone(error: unknown): boolean {
    const { code, status } = toProblem(error)
    const gone = code === 'invitation.not_found' || status === 400 || status === 414
    if (gone) view.value = { state: 'gone' }
    return gone
  }

  async function open() {
    view.value = { state: 'loading' }
    try {
      // Who is signed in needs one button only; whose session cannot be asked for can still sign in here.
      const [invitation] = await Promise.all([
        requestJson<PublicInvitation>('GET', path),
        session.restore().catch(() => {}),
      ])
      view.value = { state: 'open', invitation }
    }
    catch (error) {
      if (!showGone(error)) view.value = { state: 'failed', error }
    }
  }

  /** Joins and goes to the workspace; or asks for the second factor, and is then called again by the session of that. @throws {ProblemError} */
  async function accept(input: Acceptance) {
    // Public calls carry no session unless told to: here it says who joins.
    const bearer = await session.accessToken()
    try {
      const answer = await requestJson<AcceptAnswer | SecondStep>('POST', `${path}/accept`, { ...input, locale: i18n.global.locale.value }, bearer
        ? { authorization: `Bearer ${bearer}` }
        : {})
      if ('mfaToken' in answer) {
        step.value = answer
        return
      }
      await (answer.session
        ? session.adopt(answer.session)
        : session.loadMe())
      await router.replace(session.memberships.some(({ slug }) => slug === answer.workspaceSlug)
        ? `/w/${answer.workspaceSlug}`
        : '/')
    }
    catch (error) {
      if (toProblem(error).code !== 'request.invalid' && showGone(error)) return
      throw error
    }
  }

  return { view, session, step, open, accept }
}
