import type { MaybeRefOrGetter } from 'vue'
import type { CreatedInvitation, Invitation, Member } from '../../../api/generated/types.gen.ts'
import type { MemberRole } from '../member-roles.ts'
import { useQueryCache } from '@pinia/colada'
import { ref, toValue } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { changeMember, endMembership, revokeInvitation } from '../../../api/generated/sdk/members.gen.ts'
import { requestJson } from '../../../api/http.ts'
import { useConfirm } from '../../../composables/useConfirm.ts'
import { useNotify } from '../../../composables/useNotify.ts'
import { useSessionStore } from '../../../stores/session.ts'
import { reloadQueries } from '../../../utils/reload-queries.ts'
import { memberKeys } from './useMembers.ts'

/** Changes of roles, ended memberships, revoked invitations: asked, done, told. */
export function useMemberActions(workspaceId: MaybeRefOrGetter<string | undefined>, workspaceName: MaybeRefOrGetter<string | undefined>) {
  const { t } = useI18n()
  const router = useRouter()
  const session = useSessionStore()
  const confirm = useConfirm()
  const notify = useNotify()
  const cache = useQueryCache()
  /** The id of the member or invitation that waits for the server. */
  const busy = ref<string>()
  /** Grows with every refused or cancelled change, so that a select shows again what is true. */
  const reverted = ref(0)

  async function run(id: string, work: () => Promise<void>): Promise<boolean> {
    busy.value = id
    try {
      await work()
      return true
    }
    catch (error) {
      reverted.value++
      notify.failed(error)
      return false
    }
    finally {
      busy.value = undefined
      void reloadQueries(cache, memberKeys.all(toValue(workspaceId) ?? ''))
    }
  }

  async function change(member: Member, change: { role?: MemberRole, spaceRole?: Member['spaceRole'] }) {
    const lowersSelf = member.isYou && change.role !== undefined && change.role !== member.role
    if (lowersSelf && !await confirm({
      title: t('members.changeOwn.title', {
        role: t(`workspaces.roles.${change.role}`),
      }),
      description: t(`members.changeOwn.${change.role === 'staff'
        ? 'staff'
        : 'admin'}`),
      confirm: t('members.changeOwn.confirm'),
    })) {
      reverted.value++
      return
    }
    const done = await run(member.id, async () => {
      await changeMember({
        path: {
          workspaceId: toValue(workspaceId)!,
          memberId: member.id,
        },
        body: change,
      })
    })
    if (!done) return
    if (member.isYou) await session.loadMe()
    notify.done(change.role
      ? t('members.roleChanged', {
          name: member.name,
          role: t(`workspaces.roles.${change.role}`),
        })
      : change.spaceRole
        ? t('members.spaceRoleChanged', {
            name: member.name,
            role: t(`members.spaceRoles.${change.spaceRole}.name`),
          })
        : t('members.spaceRoleTaken', { name: member.name }))
  }

  async function end(member: Member) {
    const workspace = toValue(workspaceName) ?? ''
    const sure = await confirm({
      title: member.isYou
        ? t('members.leave.title', { workspace })
        : t('members.end.title', { name: member.name }),
      description: member.isYou
        ? t('members.leave.why')
        : t('members.end.why', { name: member.name, workspace }),
      confirm: member.isYou
        ? t('members.leave.confirm')
        : t('members.end.confirm'),
      destructive: true,
    })
    if (!sure) return
    const done = await run(member.id, async () => {
      await endMembership({
        path: {
          workspaceId: toValue(workspaceId)!,
          memberId: member.id,
        },
      })
    })
    if (!done) return
    notify.done(member.isYou
      ? t('members.left', { workspace })
      : t('members.ended', { name: member.name }))
    if (!member.isYou) return
    await session.loadMe()
    await router.replace('/')
  }

  async function revoke(invitation: Invitation) {
    const sure = await confirm({
      title: t('members.revoke.title'),
      description: t('members.revoke.why'),
      items: invitation.email
        ? [invitation.email]
        : undefined,
      confirm: t('members.revoke.confirm'),
      destructive: true,
    })
    if (!sure) return
    const done = await run(invitation.id, async () => {
      await revokeInvitation({
        path: {
          workspaceId: toValue(workspaceId)!,
          invitationId: invitation.id,
        },
      })
    })
    if (done) notify.done(t('members.revoked'))
  }

  /** @returns with the new link, which is shown only now; undefined when it was not sent */
  async function resend(invitation: Invitation): Promise<CreatedInvitation | undefined> {
    const sure = await confirm({
      title: t('members.resend.title'),
      description: t(invitation.email
        ? 'members.resend.why'
        : 'members.resend.whyOpen'),
      items: invitation.email
        ? [invitation.email]
        : undefined,
      confirm: t('members.resend.action'),
    })
    if (!sure) return undefined
    let made: CreatedInvitation | undefined
    await run(invitation.id, async () => {
      // Not by its function of the client, which would come with every page that lists members.
      made = await requestJson<CreatedInvitation>('POST', `/workspaces/${toValue(workspaceId)}/invitations/${invitation.id}/resend`, {})
    })
    return made
  }

  return {
    busy,
    reverted,
    change,
    end,
    revoke,
    resend,
  }
}
