import type { Tx } from '../../db/database.ts'
import type { PoliciesContext } from './policies.context.ts'
import type { PolicyFiles } from './policies.schemas.ts'
import type { PolicyFile, PolicyFileProblem } from './policy-files.ts'
import type { Publication } from './policy-publication.ts'
import { isDeepStrictEqual } from 'node:util'
import { AppError } from '../../errors/app-error.ts'
import { systemCaller } from '../../http/caller.ts'
import { policyCreated } from '../audit/audit.actions.ts'
import * as queries from './policies.queries.ts'
import { readPolicyFiles } from './policy-files.ts'

export interface PoliciesFromFiles {
  /**
   * Reads POLICIES_DIR, and publishes what is new in it: at the start, and on SIGHUP. What a file has wrong is in the state, and stops no other; nor does what nobody expected stop who asks.
   * Pages whose files are gone stay as they are, and can be edited again.
   */
  loadFiles: () => Promise<PolicyFiles>
  /** What the files came to when this process read them last. */
  filesState: () => Promise<PolicyFiles>
}

export function createPoliciesFromFiles({ db, audit, clock, newId, log, policiesDir, about }: PoliciesContext, publication: Publication): PoliciesFromFiles {
  const folder = policiesDir === ''
    ? null
    : policiesDir
  let state: PolicyFiles = {
    folder,
    readAt: null,
    files: [],
    problems: [],
  }
  let reading: Promise<unknown> = Promise.resolve()

  /** @returns the policy that the files are of, with their texts as its drafts */
  async function putIntoDrafts(tx: Tx, files: readonly PolicyFile[], { isWhole }: { isWhole: boolean }): Promise<string> {
    const { slug, kind, acceptance } = files[0]!
    // As the app's own changes, which follow one another.
    const found = await queries.lockPolicyBySlug(tx, null, slug)
    const now = clock()
    const id = found?.id ?? newId()
    if (!found) {
      await queries.insertPolicy(tx, {
        id,
        kind,
        slug,
        acceptance,
        source: 'file',
        createdAt: now,
        updatedAt: now,
      })
      await audit.record(tx, systemCaller, policyCreated({
        ...about(id, files[0]!.title),
        details: { kind, slug },
      }))
    }
    const drafts = await queries.listDrafts(tx, [id])
    const others = drafts.filter(({ language }) => isWhole && !files.some(file => file.language === language))
    const changed = files.filter(file => !drafts.some(draft => draft.language === file.language && isSame(draft, file)))
    if (found && (found.kind !== kind || found.acceptance !== acceptance || found.source !== 'file' || others.length > 0 || changed.length > 0)) {
      await queries.updatePolicy(tx, id, {
        kind,
        acceptance,
        source: 'file',
        editedBy: null,
        updatedAt: now,
        revision: found.revision + 1,
      })
    }
    for (const { language } of others) await queries.deleteDraft(tx, id, language)
    for (const { language, title, markdown, highlights } of changed) {
      await queries.saveDraft(tx, {
        policyId: id,
        language,
        title,
        markdown,
        highlights,
      })
    }
    return id
  }

  async function publish(files: readonly PolicyFile[], options: { isWhole: boolean }): Promise<PolicyFileProblem[]> {
    try {
      await publication.publishFiles(systemCaller, {
        effectiveOn: files[0]!.effectiveOn,
        texts: files.map(({ language, summary }) => ({ language, summary: summary || undefined })),
      }, tx => putIntoDrafts(tx, files, options))
      return []
    }
    catch (error) {
      if (error instanceof AppError) return problemsOf(error, files)
      log.error({ err: error, file: files[0]!.file }, 'a policy could not be published from its file')
      return [
        { file: files[0]!.file, line: null, says: 'It could not be published; the log of the server says why.' },
      ]
    }
  }

  async function load(): Promise<PolicyFiles> {
    const { files, problems } = folder === null
      ? { files: [], problems: [] }
      : await readPolicyFiles(folder).catch((error: NodeJS.ErrnoException): Awaited<ReturnType<typeof readPolicyFiles>> => ({
          files: [],
          problems: [
            { file: '', line: null, says: `The folder cannot be read (${error.code ?? error.name}).` },
          ],
        }))
    // A file that cannot be read may be of any policy and any language: nothing is taken to be gone then.
    const isWhole = problems.length === 0
    const bySlug = Map.groupBy(files, file => file.slug)
    // Two processes that start together publish a text once.
    await db.transaction(async (tx) => {
      await queries.lockFiles(tx)
      for (const texts of bySlug.values()) problems.push(...await publish(texts, { isWhole }))
      if (isWhole) {
        await queries.releaseFiles(tx, [
          ...bySlug.keys(),
        ])
      }
    })
    state = {
      folder,
      readAt: clock().toISOString(),
      files: files.map(({ file, slug, language }) => ({ file, slug, language })),
      problems,
    }
    return state
  }

  return {
    filesState: async () => state,
    // One after the other, however often it is asked for.
    loadFiles() {
      const loaded = reading.then(load).catch((error: unknown) => {
        log.error({ err: error, folder }, 'the files of policies could not be read')
        state = {
          ...state,
          readAt: clock().toISOString(),
          problems: [
            { file: '', line: null, says: 'The files could not be published; the log of the server says why.' },
          ],
        }
        return state
      })
      reading = loaded
      return loaded
    },
  }
}

const isSame = (draft: queries.DraftRow, file: PolicyFile) => draft.title === file.title && draft.markdown === file.markdown && isDeepStrictEqual(draft.highlights, file.highlights)

/** What keeps a version from being published, by file and line. */
function problemsOf(error: AppError, files: readonly PolicyFile[]): PolicyFileProblem[] {
  const [first] = files
  const fields = error.fields ?? []
  if (fields.length === 0) {
    return [
      { file: first!.file, line: null, says: `${error.detail ?? error.title}.` },
    ]
  }
  return fields.map(({ pointer, detail }) => {
    const [, language, field] = /^\/drafts\/([a-z]+)\/(\w+)$/.exec(pointer) ?? []
    const file = files.find(each => each.language === language) ?? first!
    const [, line, says] = /^line (\d+): ([\s\S]*)$/.exec(detail) ?? []
    // A place to fill in may say nothing.
    const said = says === undefined
      ? `${error.title}: ${detail}`
      : says || error.title
    return {
      file: file.file,
      line: pointer === '/effectiveOn'
        ? file.lines.effective
        : line !== undefined && field === 'markdown'
          ? file.lines.markdown + Number(line) - 1
          : null,
      says: sentence(field === 'highlights'
        ? `in a highlight: ${said}`
        : said),
    }
  })
}

const sentence = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
