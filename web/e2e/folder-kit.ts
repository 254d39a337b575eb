import type { Page } from 'playwright-core'
import type { Stage } from './stage.ts'
import { enter } from './harness.ts'
import { rowOf } from './uploads-kit.ts'

/** What the tests of a folder's page share. */

export const bytesOf = (text: string) => new TextEncoder().encode(text) as Buffer
export const titleOf = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true })

/** A folder of its own for a test, with folders and small files in it, by the API; the page is opened in it. @returns its id */
export async function openFolder(page: Page, { makeFolder, upload, rootId, owner }: Stage, name: string, { folders = [], files = [] }: { folders?: string[], files?: string[] }): Promise<string> {
  const id = await makeFolder(rootId, name)
  for (const folder of folders) await makeFolder(id, folder)
  for (const file of files) await upload(id, file, bytesOf(file))
  await enter(page, owner, `/w/${owner.slug}/files/${id}`)
  await titleOf(page, name).waitFor()
  return id
}

/** By the menu of its row. */
export async function act(page: Page, name: string, action: string | RegExp): Promise<void> {
  await rowOf(page, name).click({ button: 'right' })
  await page.getByRole('menuitem', { name: action }).click()
}
