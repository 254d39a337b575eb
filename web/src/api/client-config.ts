import type { CreateClientConfig } from './generated/client.gen'
import { apiFetch } from './http.ts'

/** Every generated call goes through apiFetch, so it throws ProblemError and never returns one. */
export const createClientConfig: CreateClientConfig = config => ({
  ...config,
  baseUrl: globalThis.location?.origin ?? '',
  fetch: apiFetch,
  throwOnError: true,
})
