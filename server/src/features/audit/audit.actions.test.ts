import type { NewAuditEvent } from './define-action.ts'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { auditActions, fileDownloaded, linkRefused, sessionStarted } from './audit.actions.ts'
import { defineAction } from './define-action.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

describe('the catalogue of actions', () => {
  it('names each once, and no other file of the server writes its name', () => {
    expect(auditActions.length).toBeGreaterThan(40)
    const found = execFileSync('git', [
      'grep',
      '--untracked',
      '-hoE',
      `'(${auditActions.map(({ action }) => action.replace('.', '\\.')).join('|')})'`,
      '--',
      'server/src/**.ts',
      ':!*.test.ts',
      ':!*.fixture.ts',
      ':!*.errors.ts',
      ':!*/error-codes.ts',
    ], { cwd: root, encoding: 'utf8' }).trim().split('\n').map(name => name.slice(1, -1))
    expect(found.sort()).toEqual(auditActions.map(({ action }) => action))
  })

  it('refuses a second of one name, and what is no name', () => {
    const spec = {
      chain: 'workspace' as const,
      subject: ['file' as const],
      details: {},
      concerns: [],
      webhook: false,
    }
    expect(() => defineAction('file.uploaded', spec)).toThrow('in the catalogue already')
    for (const name of [
      'uploaded',
      'File.uploaded',
      'file.up.loaded',
      'file.',
      'file.*',
    ]) expect(() => defineAction(name, spec)).toThrow('no name')
  })

  it('tells the instance’s events from a workspace’s', () => {
    for (const { family, chain, webhook } of auditActions) {
      const isInstances = [
        'session',
        'token',
        'user',
        'request',
        'mail',
        'announcement',
        'retention',
        'instance',
      ].includes(family)
      expect([family, chain]).toEqual([
        family,
        isInstances
          ? 'instance'
          // The watch looks at both, and tells each of its own; a policy is the deployment's or a workspace's.
          : chain === 'either' || family === 'watch' || family === 'policy'
            ? chain
            : 'workspace',
      ])
      expect(webhook && chain !== 'workspace').toBe(false)
    }
  })

  it('knows what tells of people, and nothing about people is left unmarked', () => {
    for (const { action, details, personal } of auditActions) {
      const names = Object.keys(details.properties).filter(name => /name|email|title|address|organisation|items$/i.test(name)
        || (/^(?:from|to)$/.test(name) && action.startsWith('item.')))
      // A policy's title is the deployment's own, and public.
      expect([
        action,
        names.filter(name => !personal.includes(name)),
      ]).toEqual([
        action,
        action === 'policy.draft_changed'
          ? ['title']
          : [],
      ])
    }
    expect(fileDownloaded.personal).toEqual(['parentName'])
  })

  it('makes events with the outcome and chain of their action', () => {
    const subject = { kind: 'link' as const, id: null, name: 'Plans' }
    expect(linkRefused({
      workspaceId: 'a',
      subject,
      details: { reason: 'expired' },
    })).toMatchObject({
      workspaceId: 'a',
      action: 'link.refused',
      outcome: 'refused',
      details: { reason: 'expired' },
      personal: [],
      mentions: [],
    })
    expect(sessionStarted({
      subject: { kind: 'user', id: null, name: 'Ana' },
      details: { sessionId: 'b' },
    })).toMatchObject({ workspaceId: null, outcome: 'success' })
  })

  it('is a type error for what does not stand there', () => {
    const base = {
      workspaceId: 'a',
      subject: { kind: 'file' as const, id: null, name: 'a.txt' },
    }
    const details = { version: 1, sizeBytes: 1 }
    const { subject } = base
    // @ts-expect-error no details at all
    fileDownloaded(base)
    const less = { version: 1 }
    // @ts-expect-error one of them is missing
    fileDownloaded({ ...base, details: less })
    const other = { version: '1', sizeBytes: 1 }
    // @ts-expect-error one of another type
    fileDownloaded({ ...base, details: other })
    const link = { kind: 'link' as const, id: null, name: 'Plans' }
    // @ts-expect-error done to something else
    fileDownloaded({ workspaceId: 'a', subject: link, details })
    // @ts-expect-error of no workspace
    fileDownloaded({ subject, details })
    // @ts-expect-error not made by the catalogue
    const made: NewAuditEvent = {
      ...base,
      action: 'file.downloaded',
      outcome: 'success',
      details,
      personal: [],
      mentions: [],
    }
    expect(made.action).toBe(fileDownloaded({ ...base, details }).action)
  })
})
