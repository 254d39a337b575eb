import type { TestProject } from 'vitest/node'
import process from 'node:process'
import { s3Env, startMinio } from '../../test/minio.ts'
import { useRunFolder } from '../../test/run-folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** With ACCEPTANCE_STORE=s3: what a server is told of the MinIO server of this run; its bucket is its own. */
    store: Record<string, string>
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const endRun = useRunFolder()
  const minio = process.env.ACCEPTANCE_STORE === 's3'
    ? await startMinio()
    : undefined
  if (minio) project.provide('store', s3Env(minio, minio.endpoint))
  return async () => {
    await minio?.dispose()
    endRun()
  }
}
