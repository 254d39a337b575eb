import type { Db } from '../../db/database.ts'
import type { Caller } from '../../http/caller.ts'
import type { AuditLog } from '../audit/audit.service.ts'
import type { InstanceService } from '../instance/instance.service.ts'
import type { AnswerConfig, KeptAnswers } from './policy-answers.policy.ts'
import type { PolicyAnswers, PolicyAnswersInput, PolicyFacts } from './policy-answers.schemas.ts'
import { isDeepStrictEqual } from 'node:util'
import { requestInvalid } from '../../errors/common-errors.ts'
import { policyFactsChanged } from '../audit/audit.actions.ts'
import { answersOf, noAnswers, questionsOf, webAddress } from './policy-answers.policy.ts'
import * as queries from './policy-answers.queries.ts'

export interface PolicyAnswersService {
  /** As they hold now. */
  read: () => Promise<PolicyAnswers>
  readWithQuestions: () => Promise<Pick<PolicyFacts, 'answers' | 'questions'>>
  /**
   * Answers what is named, and leaves the rest as it is. Who it is, where, and the address for questions are settings of the instance, and go there.
   * @throws {AppError} `request.invalid`
   */
  answer: (caller: Caller, input: PolicyAnswersInput) => Promise<void>
}

export function createPolicyAnswersService({ db, config, clock, audit, instance }: {
  db: Db
  config: AnswerConfig
  clock: () => Date
  audit: AuditLog
  instance: Pick<InstanceService, 'settings' | 'change'>
}): PolicyAnswersService {
  async function readWithQuestions() {
    const [settings, kept = noAnswers] = await Promise.all([
      instance.settings(),
      queries.findAnswers(db),
    ])
    const answers = answersOf(settings, kept, config)
    return {
      answers,
      questions: questionsOf(answers, kept),
    }
  }

  return {
    read: async () => (await readWithQuestions()).answers,
    readWithQuestions,

    async answer(caller, input) {
      const { settings, kept } = keptBy(input)
      if (Object.keys(settings).length > 0) await instance.change(caller, settings)
      if (Object.keys(kept).length === 0) return
      const { name } = await instance.settings()
      await db.transaction(async (tx) => {
        const before = await queries.lockAnswers(tx, clock())
        const changed = (Object.keys(kept) as (keyof KeptAnswers)[]).filter(each => !isDeepStrictEqual(kept[each], before[each]))
        if (changed.length === 0) return
        await queries.changeAnswers(tx, {
          ...kept,
          updatedAt: clock(),
        })
        await audit.record(tx, caller, policyFactsChanged({
          subject: { kind: 'instance', id: null, name },
          details: {
            changed: changed.map(each => each === 'contactByForm'
              ? 'contact'
              : each),
          },
        }))
      })
    },
  }
}

/** What of the answers is a setting, and what is kept with the policies. @throws {AppError} `request.invalid` */
function keptBy({ organisation, address, contact, vendors, ...others }: PolicyAnswersInput) {
  if (contact?.by === 'address' && contact.email === undefined) throw invalid('/contact/email', 'is missing')
  return {
    settings: {
      ...organisation === undefined
        ? {}
        : { organisation },
      ...address === undefined
        ? {}
        : { postalAddress: address },
      ...contact === undefined
        ? {}
        : {
            contactEmail: contact?.by === 'address'
              ? contact.email!
              : '',
          },
    },
    kept: {
      ...others,
      ...contact === undefined
        ? {}
        : { contactByForm: contact?.by === 'form' },
      ...vendors === undefined
        ? {}
        : { vendors: vendors && vendors.map(withWebAddress) },
    } satisfies Partial<KeptAnswers>,
  }
}

function withWebAddress<V extends { url?: string }>(vendor: V, index: number): V {
  if (vendor.url === undefined) return vendor
  const url = webAddress(vendor.url)
  if (url === undefined) throw invalid(`/vendors/${index}/url`, 'must be an address of the web, as https://example.com')
  return { ...vendor, url }
}

const invalid = (pointer: string, detail: string) => requestInvalid({
  fields: [
    { pointer, detail },
  ],
})
