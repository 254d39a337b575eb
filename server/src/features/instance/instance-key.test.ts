import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect, it, onTestFinished } from 'vitest'
import { toldEvents } from '../../../test/audit-log.ts'
import { createFile, createWorkspace, setUpInstance } from '../../../test/factories.ts'
import { addTotp } from '../../../test/second-factor.ts'
import { useTestApp } from '../../../test/test-app.ts'
import { hashSecret, seal, unseal } from '../../crypto/secrets.ts'
import { mails } from '../../mail/mails.table.ts'
import { auditEvents } from '../audit/audit.table.ts'
import { totpFactors } from '../factors/factors.table.ts'
import { links } from '../links/links.table.ts'
import { invitations } from '../members/members.table.ts'
import { oidcProviders } from '../oidc/oidc-providers.table.ts'
import { linkKeyOf, mailKeyOf, oidcKeyOf, rotateInstanceKey, totpKeyOf } from './instance-key.service.ts'
import { takeServingLock } from './serving-lock.ts'

it('encrypts the addresses of links with another key, ends every session, and does all of it or nothing', async () => {
  const test = await useTestApp({
    env: { SMTP_URL: 'smtp://127.0.0.1:1', SMTP_ALLOW_PLAIN: 'true', MAIL_FROM: 'files@example.com' },
  })
  const { db } = test.deps
  await setUpInstance(test)
  const workspace = await createWorkspace(test)
  const invitation = await test.call('POST', `/workspaces/${workspace.id}/invitations`, {
    token: workspace.owner.token,
    body: { role: 'staff', email: 'ana@example.org' },
  })
  const file = await createFile(test, workspace, { name: 'Report.pdf', content: 'the report' })
  const totp = await addTotp(test, workspace.owner)
  await db.insert(oidcProviders).values({
    id: randomUUIDv7(),
    slug: 'harbour',
    name: 'Harbour',
    issuer: 'https://id.example',
    clientId: 'clientshare',
    clientSecret: seal(oidcKeyOf(test.config.secretKey), 'the secret'),
    createdAt: test.clock.now(),
    updatedAt: test.clock.now(),
  })
  const tokens = new Set<string>()
  for (let n = 0; n < 3; n++) {
    const { body } = await test.call('POST', `/workspaces/${workspace.id}/links`, {
      token: workspace.owner.token,
      body: {
        itemIds: [file.id],
      },
    })
    tokens.add(body.url.split('/').at(-1))
  }
  const before = test.config.secretKey
  const after = randomBytes(32).toString('base64url')
  const rotate = (from: string, to: string) => rotateInstanceKey({ ...test.deps, from, to })
  const sealed = () => db.select({ id: links.id, tokenCiphertext: links.tokenCiphertext }).from(links).orderBy(links.id)
  const openedBy = async (key: string) => new Set((await sealed()).map(({ tokenCiphertext }) => unseal(linkKeyOf(key), tokenCiphertext)))
  const events = () => toldEvents(test, eq(auditEvents.action, 'instance.key_rotated'))
  const untouched = await sealed()

  const { release } = await takeServingLock({
    databaseUrl: test.config.databaseUrl,
    kind: test.config.storage,
    onError: () => {},
    onMoved: () => {},
  })
  onTestFinished(release)
  await expect(rotate(before, after)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('Stop all of them'),
  })
  await release()
  await expect(rotate('not the key that was used before', after)).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringMatching(/opens with neither key.*Nothing was changed/),
  })
  expect(await sealed()).toEqual(untouched)
  expect(await events()).toEqual([])
  expect((await test.call('GET', '/me', { token: workspace.owner.token })).status).toBe(200)

  expect(await rotate(before, after)).toMatchObject({ links: 3, already: 0, endedSessions: 2 })
  expect(await openedBy(after)).toEqual(tokens)
  await expect(openedBy(before)).rejects.toThrow()
  // The secrets of mails that wait, too.
  const [mail] = await db.select({ sealed: mails.sealed }).from(mails)
  const [invited] = await db.select({ mailedTokenHash: invitations.mailedTokenHash }).from(invitations).where(eq(invitations.id, invitation.body.id))
  expect(hashSecret(JSON.parse(unseal(mailKeyOf(after), mail!.sealed!)).token)).toEqual(invited!.mailedTokenHash)
  // And those of authenticator apps.
  const [app] = await db.select({ secret: totpFactors.secret }).from(totpFactors)
  expect(unseal(totpKeyOf(after), app!.secret)).toBe(totp.secret)
  // And those of sign-in providers.
  const [provider] = await db.select({ clientSecret: oidcProviders.clientSecret }).from(oidcProviders)
  expect(unseal(oidcKeyOf(after), provider!.clientSecret!)).toBe('the secret')
  expect((await test.call('GET', '/me', { token: workspace.owner.token })).status).toBe(401)
  expect((await events()).map(({ actor, details }) => [actor.kind, details])).toEqual([
    [
      'system',
      { links: 3, endedSessions: 2 },
    ],
  ])

  // Once more, with one that is still under the old key.
  await db.update(links).set({ tokenCiphertext: untouched[1]!.tokenCiphertext }).where(eq(links.id, untouched[1]!.id))
  expect(await rotate(before, after)).toMatchObject({ links: 1, already: 2, endedSessions: 0 })
  expect(await openedBy(after)).toEqual(tokens)
})
