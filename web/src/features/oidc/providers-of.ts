import type { AddOidcProviderData, ChangeOidcProviderData } from '../../api/generated/types.gen.ts'
import { addOidcProvider, changeOidcProvider, listOidcProviders, lookUpOidcProvider, removeOidcProvider, tryOidcProvider } from '../../api/generated/sdk/oidc.gen.ts'
import { addWorkspaceProvider, changeWorkspaceProvider, listWorkspaceProviders, lookUpWorkspaceProvider, removeWorkspaceProvider, tryWorkspaceProvider } from '../../api/generated/sdk/workspaces.gen.ts'

/** What is done with providers, whosever they are: a workspace's own, or the deployment's. */
export function providersOf(workspaceId: string | undefined) {
  if (workspaceId === undefined) {
    return {
      list: async (signal: AbortSignal) => (await listOidcProviders({ signal })).data,
      lookUp: async (issuer: string) => (await lookUpOidcProvider({
        body: { issuer },
      })).data,
      add: (body: AddOidcProviderData['body']) => addOidcProvider({ body }),
      change: (providerId: string, body: ChangeOidcProviderData['body']) => changeOidcProvider({
        path: { providerId },
        body,
      }),
      remove: (providerId: string) => removeOidcProvider({
        path: { providerId },
      }),
      tryOut: async (providerId: string) => (await tryOidcProvider({
        path: { providerId },
      })).data.url,
    }
  }
  const path = { workspaceId }
  return {
    list: async (signal: AbortSignal) => (await listWorkspaceProviders({ path, signal })).data,
    lookUp: async (issuer: string) => (await lookUpWorkspaceProvider({
      path,
      body: { issuer },
    })).data,
    add: (body: AddOidcProviderData['body']) => addWorkspaceProvider({ path, body }),
    change: (providerId: string, body: ChangeOidcProviderData['body']) => changeWorkspaceProvider({
      path: { ...path, providerId },
      body,
    }),
    remove: (providerId: string) => removeWorkspaceProvider({
      path: { ...path, providerId },
    }),
    tryOut: async (providerId: string) => (await tryWorkspaceProvider({
      path: { ...path, providerId },
    })).data.url,
  }
}

/** What nobody guesses, also where the page came by http. */
export function randomUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0F) | 0x40
  bytes[8] = (bytes[8]! & 0x3F) | 0x80
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
