import type { RouteLocationRaw } from 'vue-router'
import type { ChangeWorkspacePolicyDraftData, CreatePolicyData, Policy, PolicyPreview, PreviewPolicyData, PublishedPolicy, PublishPolicyData } from '../../../api/generated/types.gen.ts'
import { computed } from 'vue'
import * as deployment from '../../../api/generated/sdk/policies.gen.ts'
import * as read from '../../../api/generated/sdk/public.gen.ts'
import * as workspaces from '../../../api/generated/sdk/workspaces.gen.ts'
import { useWorkspace } from '../../../composables/useWorkspace.ts'

/** How the policies of an owner are written: the deployment, or a workspace, whose texts name no facts, come from no files and ask for no agreement. */
export interface PolicyDesk {
  /** Undefined: the deployment's. */
  workspaceId: string | undefined
  /** Whether the person may do more than read. */
  canWrite: boolean
  listPlace: RouteLocationRaw
  editPlace: (policyId: string) => RouteLocationRaw
  list: (language: string, signal?: AbortSignal) => Promise<Policy[]>
  get: (policyId: string, language: string) => Promise<Policy>
  create: (body: CreatePolicyData['body']) => Promise<Policy>
  change: (policyId: string, body: ChangeWorkspacePolicyDraftData['body'], etag: string) => Promise<Policy>
  removeDraft: (policyId: string, language: string, etag: string) => Promise<Policy>
  preview: (body: PreviewPolicyData['body'], language?: string, signal?: AbortSignal) => Promise<PolicyPreview>
  publish: (policyId: string, body: PublishPolicyData['body'], etag: string) => Promise<Policy>
  withdraw: (policyId: string) => Promise<unknown>
  /** As it was published. */
  version: (slug: string, number: number, language: string, signal?: AbortSignal) => Promise<PublishedPolicy>
}

const ofDeployment: PolicyDesk = {
  workspaceId: undefined,
  canWrite: true,
  listPlace: { name: 'admin-policies' },
  editPlace: policyId => ({
    name: 'admin-policies-edit',
    params: { policyId },
  }),
  list: async (language, signal) => (await deployment.listPolicies({
    query: { language },
    signal,
  })).data.items,
  get: async (policyId, language) => (await deployment.getPolicy({
    path: { policyId },
    query: { language },
  })).data,
  create: async body => (await deployment.createPolicy({ body })).data,
  change: async (policyId, body, etag) => (await deployment.changePolicyDraft({
    path: { policyId },
    body,
    headers: { 'if-match': etag },
  })).data,
  removeDraft: async (policyId, language, etag) => (await deployment.deletePolicyDraft({
    path: { policyId, language },
    headers: { 'if-match': etag },
  })).data,
  preview: async (body, language, signal) => (await deployment.previewPolicy({
    query: { language },
    body,
    signal,
  })).data,
  publish: async (policyId, body, etag) => (await deployment.publishPolicy({
    path: { policyId },
    body,
    headers: { 'if-match': etag },
  })).data,
  withdraw: policyId => deployment.withdrawPolicy({
    path: { policyId },
  }),
  version: async (slug, number, language, signal) => (await read.getPublishedPolicyVersion({
    path: { slug, number },
    query: { language },
    signal,
  })).data,
}

const ofWorkspace = (workspaceId: string, workspaceSlug: string, canWrite: boolean): PolicyDesk => ({
  workspaceId,
  canWrite,
  listPlace: {
    name: 'workspace-policies',
    params: { slug: workspaceSlug },
  },
  editPlace: policyId => ({
    name: 'workspace-policies-edit',
    params: { slug: workspaceSlug, policyId },
  }),
  list: async (language, signal) => (await workspaces.listWorkspacePolicies({
    path: { workspaceId },
    query: { language },
    signal,
  })).data.items,
  get: async (policyId, language) => (await workspaces.getWorkspacePolicy({
    path: { workspaceId, policyId },
    query: { language },
  })).data,
  create: async body => (await workspaces.createWorkspacePolicy({
    path: { workspaceId },
    body,
  })).data,
  change: async (policyId, body, etag) => (await workspaces.changeWorkspacePolicyDraft({
    path: { workspaceId, policyId },
    body,
    headers: { 'if-match': etag },
  })).data,
  removeDraft: async (policyId, language, etag) => (await workspaces.deleteWorkspacePolicyDraft({
    path: { workspaceId, policyId, language },
    headers: { 'if-match': etag },
  })).data,
  preview: async (body, language, signal) => (await workspaces.previewWorkspacePolicy({
    path: { workspaceId },
    query: { language },
    body,
    signal,
  })).data,
  publish: async (policyId, body, etag) => (await workspaces.publishWorkspacePolicy({
    path: { workspaceId, policyId },
    body,
    headers: { 'if-match': etag },
  })).data,
  withdraw: policyId => workspaces.withdrawWorkspacePolicy({
    path: { workspaceId, policyId },
  }),
  version: async (slug, number, language, signal) => (await read.getPublishedWorkspacePolicyVersion({
    path: { workspaceSlug, slug, number },
    query: { language },
    signal,
  })).data,
})

/** By the address: below `/w/…` the workspace's, else the deployment's. */
export function usePolicyDesk() {
  const { workspaceId, slug, isAdmin } = useWorkspace()
  return computed(() => workspaceId.value === undefined
    ? ofDeployment
    : ofWorkspace(workspaceId.value, slug.value!, isAdmin.value))
}
