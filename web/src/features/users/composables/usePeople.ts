import type { MaybeRefOrGetter } from 'vue'
import type { UserAccount } from '../../../api/generated/types.gen.ts'
import { useInfiniteQuery, useQueryCache } from '@pinia/colada'
import { computed, ref, toValue } from 'vue'
import { useI18n } from 'vue-i18n'
import { changeUser, endSessionsOfUser, listUsers, resetFactorsOfUser } from '../../../api/generated/sdk/users.gen.ts'
import { useConfirm } from '../../../composables/useConfirm.ts'
import { useNotify } from '../../../composables/useNotify.ts'
import { useSessionStore } from '../../../stores/session.ts'
import { loadNextPage, nextCursor, reloadQueries } from '../../../utils/reload-queries.ts'

export const peopleFilters = ['all', 'operators', 'disabled'] as const
export type PeopleFilter = typeof peopleFilters[number]

const peopleKey = ['people'] as const

/** Everybody with an account, by address, page after page; what an operator does with one is asked, done, told. */
export function usePeople(asked: MaybeRefOrGetter<{ q: string, filter: PeopleFilter }>) {
  const { t } = useI18n()
  const notify = useNotify()
  const confirm = useConfirm()
  const session = useSessionStore()
  const cache = useQueryCache()
  /** The id of the one that waits for the server. */
  const busy = ref<string>()

  const query = useInfiniteQuery(() => {
    const { q, filter } = toValue(asked)
    return {
      key: [
        ...peopleKey,
        filter,
        q,
      ],
      initialPageParam: '',
      query: async ({ pageParam, signal }) => (await listUsers({
        query: {
          q: q || undefined,
          only: filter === 'all'
            ? undefined
            : filter,
          cursor: pageParam || undefined,
        },
        signal,
      })).data,
      getNextPageParam: nextCursor,
    }
  })

  async function run({ id }: UserAccount, work: () => Promise<unknown>, done: string): Promise<void> {
    busy.value = id
    try {
      await work()
      notify.done(done)
      // What one took from oneself.
      if (id === session.me?.id) await session.loadMe()
    }
    catch (error) {
      notify.failed(error)
    }
    finally {
      busy.value = undefined
      void reloadQueries(cache, peopleKey)
    }
  }

  const change = (person: UserAccount, body: { disabled?: boolean, isOperator?: boolean }, done: string) => run(person, () => changeUser({
    path: { userId: person.id },
    body,
  }), done)

  /** Asks in the words of `users.<what>`. */
  const sure = (what: 'disable' | 'makeOperator' | 'unmakeOperator' | 'endSessions' | 'resetFactors', { name }: UserAccount) => confirm({
    title: t(`users.${what}.title`, { name }),
    description: t(`users.${what}.why`),
    confirm: t(`users.${what}.confirm`),
    destructive: what !== 'makeOperator',
  })

  return {
    people: computed(() => query.data.value?.pages.flatMap(page => page.items) ?? []),
    isPending: query.isPending,
    error: query.error,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    loadMore: () => loadNextPage(query),
    busy,

    async disable(person: UserAccount) {
      if (await sure('disable', person)) await change(person, { disabled: true }, t('users.disabledDone', { name: person.name }))
    },
    enable: (person: UserAccount) => change(person, { disabled: false }, t('users.enabledDone', { name: person.name })),
    async makeOperator(person: UserAccount) {
      if (await sure('makeOperator', person)) await change(person, { isOperator: true }, t('users.operatorDone', { name: person.name }))
    },
    async unmakeOperator(person: UserAccount) {
      if (await sure('unmakeOperator', person)) await change(person, { isOperator: false }, t('users.unmadeDone', { name: person.name }))
    },
    async resetFactors(person: UserAccount) {
      if (await sure('resetFactors', person)) {
        await run(person, () => resetFactorsOfUser({
          path: { userId: person.id },
        }), t('users.factorsReset', { name: person.name }))
      }
    },
    async endSessions(person: UserAccount) {
      if (await sure('endSessions', person)) {
        await run(person, () => endSessionsOfUser({
          path: { userId: person.id },
        }), t('users.ended', { name: person.name }))
      }
    },
  }
}
