import type { FactLanguage } from '../../facts/live-fact.ts'
import type { PolicyStarter } from './policy-answers.schemas.ts'
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { setUpInstance } from '../../../test/factories.ts'
import { createTestApp } from '../../../test/test-app.ts'
import { factLanguages } from '../../facts/live-fact.ts'
import { policyKinds } from './policies.policy.ts'
import { factsNamedIn } from './policy-directives.ts'

/** So that no number stands in a text by chance. */
const oddDays = [
  37,
  41,
  43,
  47,
  53,
  59,
  61,
  67,
  71,
  73,
  79,
  83,
  89,
  97,
]
const unit: Record<FactLanguage, { day: string, hour: string }> = {
  en: { day: 'days', hour: 'hours' },
  de: { day: 'Tage', hour: 'Stunden' },
  fr: { day: 'jours', hour: 'heures' },
  es: { day: 'días', hour: 'horas' },
}

it.each(['self-hosted', 'hosted'])('each starter, in each language, says of a filled deployment (%s) what its database says', async (mode) => {
  const test = await createTestApp({
    env: { DEPLOYMENT: mode },
  })
  try {
    const { token } = await setUpInstance(test)
    const set = async (method: 'PUT' | 'PATCH', path: string, body: unknown) => {
      const { status, body: { detail } } = await test.call(method, path, { token, body })
      expect([path, status, detail]).toEqual([path, 200, undefined])
    }
    await set('PATCH', '/admin/instance', {
      name: 'Harbour Files',
      sessionIdleMinutes: 31 * 60,
      sessionTotalMinutes: 101 * 1440,
      registration: 'domain',
      registrationDomains: ['northwind.example'],
    })
    await set('PUT', '/admin/policy-facts', {
      organisation: 'Northwind and Sons',
      address: '1 Harbour Road, Hamburg',
      contact: { by: 'address', email: 'privacy@northwind.example' },
      vendors: [
        {
          name: 'Example Hosting',
          purpose: 'Servers',
          place: 'Norway',
          data: 'Everything',
          url: 'https://hosting.example',
        },
      ],
      backups: { days: 103, place: 'Frankfurt' },
      plans: { processor: 'Example Pay' },
      jurisdiction: 'The law of Hamburg',
      authority: 'The commissioner of Hamburg',
    })
    const { body: { items } } = await test.call('GET', '/admin/retention', { token })
    const settable = (items as { kind: string, settable: object | null }[]).filter(each => each.settable).map(({ kind }) => kind)
    expect(settable.length).toBeGreaterThan(5)
    for (const [index, kind] of settable.entries()) await set('PATCH', '/admin/retention', { kind, days: oddDays[index] })

    // By the tables themselves, not by what reads them elsewhere.
    const rows = async <Row>(query: ReturnType<typeof sql>) => (await test.deps.db.execute(query)).rows as Row[]
    const [kept] = await rows<Record<string, any>>(sql`select * from instance, policy_answers`)
    const spans = await rows<{ kind: string, days: number }>(sql`select kind, days from retention_settings order by kind`)
    expect(spans.map(({ kind }) => kind)).toEqual(settable.toSorted())
    const [vendor] = kept!.vendors as Record<string, string>[]

    const expected = (language: FactLanguage): Record<string, readonly string[]> => ({
      'instance': [kept!.name],
      'organisation': [kept!.organisation],
      'address': [kept!.postal_address],
      'contact': [kept!.contact_email],
      'public-url': [test.config.publicUrl],
      'jurisdiction': [kept!.jurisdiction],
      'authority': [kept!.authority],
      'subprocessors': [
        vendor!.name!,
        vendor!.purpose!,
        vendor!.place!,
        vendor!.data!,
        vendor!.url!,
      ],
      'plans': [kept!.plans.processor],
      'backups': [`${kept!.backups.days} ${unit[language].day}`, kept!.backups.place],
      'retention.backups': [`${kept!.backups.days} ${unit[language].day}`],
      'session.idle': [`${kept!.session_idle_minutes / 60} ${unit[language].hour}`],
      'session.total': [`${kept!.session_total_minutes / 1440} ${unit[language].day}`],
      'sign-in': kept!.registration_domains,
      'cookies': ['clientshare-session', 'clientshare-device'],
      'retention': spans.map(({ days }) => `| ${days} ${unit[language].day} |`),
      'personal-data': spans.filter(({ kind }) => kind === 'trash').map(({ days }) => `${days} ${unit[language].day}`),
      ...Object.fromEntries(spans.map(({ kind, days }) => [
        `retention.${kind}`,
        [`${days} ${unit[language].day}`],
      ])),
    })

    const named = new Set<string>()
    for (const kind of policyKinds) {
      for (const language of factLanguages) {
        const { status, body } = await test.call('GET', `/admin/policies/starter?kind=${kind}&language=${language}`, { token })
        expect(status).toBe(200)
        const { source, markdown } = body as PolicyStarter
        const says = markdown.replaceAll('\u00A0', ' ').replaceAll('\u202F', ' ').replaceAll('\\', '')
        for (const name of factsNamedIn(source)) {
          named.add(name)
          for (const words of expected(language)[name] ?? []) {
            expect([
              kind,
              language,
              name,
              says.includes(words) || says,
            ]).toEqual([kind, language, name, true])
          }
        }
      }
    }
    // Those of the environment: whether visits are counted, and where things go.
    expect([...named].filter(name => !(name in expected('en'))).toSorted()).toEqual(['analytics', 'elsewhere'])
  }
  finally {
    await test.close()
  }
})
