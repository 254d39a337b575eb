import type { CallOptions } from './fill.ts'
import { proofFor } from '../proof-of-work.ts'

type Call = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options?: CallOptions) => Promise<any>

/** Policies, the questions that begin them, and requests: what those outside meet of a deployment. `olga` and `sam`: tokens of its operator and of a member. */
export async function fillFrontDoor(call: Call, { olga, sam, workspaceId }: { olga: string, sam: string, workspaceId: string }): Promise<void> {
  const policy = async (slug: string, title: string) => (await call('POST', '/admin/policies', {
    token: olga,
    body: {
      kind: slug === 'privacy'
        ? 'privacy'
        : 'page',
      slug,
      title,
      markdown: `# ${title}\n\nWhat we do with data.`,
    },
  })).id as string
  const publish = (id: string, summary: string) => call('POST', `/admin/policies/${id}/publish`, {
    token: olga,
    body: {
      effectiveOn: new Date().toISOString().slice(0, 10),
      summary,
    },
  })
  const privacy = await policy('privacy', 'Privacy')
  await publish(privacy, 'First version')
  await call('PATCH', `/admin/policies/${privacy}`, {
    token: olga,
    body: { markdown: '# Privacy\n\nWhat we do with data, in more words.' },
  })
  await publish(privacy, 'More words')
  // In two languages, with facts of which one is another by now.
  await call('PATCH', `/admin/policies/${privacy}`, {
    token: olga,
    body: {
      language: 'de',
      title: 'Datenschutz',
      markdown: 'Sitzungen enden nach {{session.idle}}.\n\n::sign-in',
      highlights: [
        { title: 'Fragen', sentence: 'An {{contact}}' },
      ],
    },
  })
  await publish(privacy, 'In German')
  await call('PATCH', '/admin/instance', {
    token: olga,
    body: { sessionIdleMinutes: 14 * 1440 },
  })
  await policy('drafted', 'Only a draft')
  const withdrawn = await policy('withdrawn', 'No longer so')
  await publish(withdrawn, 'First version')
  await call('DELETE', `/admin/policies/${withdrawn}`, { token: olga })

  await call('PUT', '/admin/policy-facts', {
    token: olga,
    body: {
      vendors: [
        { name: 'Example Hosting', purpose: 'Hosting', place: 'Hamburg, Germany', url: 'https://hosting.example' },
      ],
      backups: { days: 30, place: 'Hamburg, Germany' },
      plans: { processor: null },
      jurisdiction: 'German law, courts of Hamburg',
    },
  })

  for (const [kind, name] of [
    ['access', 'Rita Requester'],
    ['support', 'Stan Support'],
  ]) {
    await call('POST', '/public/requests', {
      ip: '203.0.113.5',
      body: {
        kind,
        name,
        email: `${kind}@example.com`,
        company: 'Example Ltd',
        message: 'May I come in?',
        altcha: proofFor(await call('GET', '/public/requests/challenge')),
        consent: { slug: 'privacy', number: 3 },
        news: ['product'],
      },
    })
  }
  const { url } = await call('POST', '/me/requests', {
    token: sam,
    body: { message: 'Where is the trash?', workspaceId, page: 'Files' },
  })
  const { items: [asked] } = await call('GET', '/admin/requests', { token: olga })
  await call('POST', `/admin/requests/${asked.id}/replies`, {
    token: olga,
    body: { text: 'In the sidebar.' },
  })
  await call('POST', `/public/requests/${new URL(url).hash.slice('#token='.length)}`, {
    ip: '203.0.113.5',
    body: { message: 'Found it.' },
  })
  await call('POST', `/admin/requests/${asked.id}/notes`, {
    token: olga,
    body: { text: 'The sidebar is closed on telephones.' },
  })
  await call('PATCH', `/admin/requests/${asked.id}`, {
    token: olga,
    body: { state: 'answered' },
  })
  await call('PUT', '/admin/request-templates', {
    token: olga,
    body: {
      items: [
        { language: 'en', title: 'Thank you', text: 'We look at it.' },
      ],
    },
  })
  await call('PUT', '/admin/public-face', {
    token: olga,
    body: {
      home: 'hidden',
      texts: {
        en: { claim: 'Files for clients', intro: '', points: [] },
      },
      links: [],
    },
  })
}
