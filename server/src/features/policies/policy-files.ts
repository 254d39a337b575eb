import type { Node, YAMLMap } from 'yaml'
import type { PolicyKind } from './policies.schemas.ts'
import type { DraftHighlight } from './policies.table.ts'
import { lstat, open, readdir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { isLanguage } from '../../http/languages.ts'
import { faultOf, isVisible } from '../../http/text-forms.ts'
import { policyKinds } from './policies.policy.ts'

/** A text of a policy as a file says it: front matter in YAML between two lines of `---`, and Markdown. */
export interface PolicyFile {
  /** Its name in POLICIES_DIR. */
  file: string
  kind: PolicyKind
  slug: string
  language: string
  title: string
  /** YYYY-MM-DD */
  effectiveOn: string
  summary: string
  highlights: DraftHighlight[]
  acceptance: 'use' | 'explicit'
  markdown: string
  /** On which line of the file the Markdown begins, and the date stands. */
  lines: { markdown: number, effective: number }
}

/** What is wrong with a file, in one sentence for whoever wrote it; it is left out, and nothing else is. */
export interface PolicyFileProblem { file: string, line: number | null, says: string }

export interface PolicyFiles { files: PolicyFile[], problems: PolicyFileProblem[] }

/** A text has 200,000 characters at most, of up to four bytes. */
const MOST_BYTES = 1024 * 1024
/** Twice what its values can have. YAML with many names takes long to read. */
const MOST_BYTES_OF_HEAD = 16 * 1024
const MOST_FILES = 500
const MOST_PROBLEMS_OF_ONE = 20

/** Reads `*.md` in a folder, and nothing below or beside it. @throws {Error} when the folder itself cannot be read */
export async function readPolicyFiles(folder: string): Promise<PolicyFiles> {
  const root = await realpath(folder)
  const names = (await readdir(root)).filter(name => name.endsWith('.md') && !name.startsWith('.')).sort()
  const result: PolicyFiles = { files: [], problems: [] }
  for (const name of names.slice(0, MOST_FILES)) {
    const text = await readText(root, name)
    const read = typeof text === 'string'
      ? parsePolicyFile(name, text)
      : text
    if ('problems' in read) result.problems.push(...read.problems.slice(0, MOST_PROBLEMS_OF_ONE))
    else result.files.push(read)
  }
  if (names.length > MOST_FILES) result.problems.push({ file: names[MOST_FILES]!, line: null, says: `There are more than ${MOST_FILES} files; this one and those after it are left out.` })
  return agreeing(result)
}

async function readText(root: string, name: string): Promise<string | { problems: PolicyFileProblem[] }> {
  const refused = (says: string) => ({
    problems: [
      { file: name, line: null, says },
    ],
  })
  const path = join(root, name)
  try {
    // Kubernetes mounts files as links, within the folder.
    const real = await realpath(path)
    if (!real.startsWith(root + sep)) return refused('It is a link to something outside of the folder.')
    if (!(await lstat(real)).isFile()) return refused('It is no file.')
    const handle = await open(real, 'r')
    try {
      const { size } = await handle.stat()
      if (size > MOST_BYTES) return refused(`It has ${size} bytes; a text has at most ${MOST_BYTES}.`)
      return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile())
    }
    finally {
      await handle.close()
    }
  }
  catch (error) {
    const { code, name: kind } = error as NodeJS.ErrnoException
    return refused(kind === 'TypeError'
      ? 'It is not in UTF-8: save it in that encoding.'
      : `It cannot be read (${code ?? kind}).`)
  }
}

/** One file. */
export function parsePolicyFile(file: string, text: string): PolicyFile | { problems: PolicyFileProblem[] } {
  const lines = text.replaceAll(/\r\n?/g, '\n').split('\n')
  const end = lines.indexOf('---', 1)
  if (lines[0] !== '---' || end === -1) {
    return {
      problems: [
        { file, line: 1, says: 'It has to begin with a line of ---, the front matter, and another line of ---.' },
      ],
    }
  }
  const yaml = lines.slice(1, end).join('\n')
  if (Buffer.byteLength(yaml) > MOST_BYTES_OF_HEAD) {
    return {
      problems: [
        { file, line: 1, says: `The front matter has more than ${MOST_BYTES_OF_HEAD} bytes.` },
      ],
    }
  }
  const head = createHead(file, yaml)
  const kind = head.oneOf('kind', policyKinds)
  const parsed = {
    file,
    kind,
    slug: head.matching('slug', given => /^(?=..)[a-z0-9]+(?:-[a-z0-9]+)*$/.test(given), 'has to be two or more small letters, digits and single hyphens', kind ?? 'page', 64),
    language: head.matching('language', isLanguage, 'has to be a language in two or three letters, as en'),
    title: head.line('title', 200),
    effectiveOn: head.day('effective'),
    summary: head.line('summary', 1000, ''),
    highlights: head.highlights(),
    acceptance: head.oneOf('acceptance', ['use', 'explicit'] as const, 'use'),
    markdown: lines.slice(end + 1).join('\n').trim(),
    lines: {
      markdown: end + 2 + lines.slice(end + 1).findIndex(line => line.trim() !== ''),
      effective: head.lineOf('effective'),
    },
  }
  head.noOthers()
  const wrong = lines.findIndex((line, index) => index > end && faultOf(line, 'text') !== undefined)
  if (wrong !== -1) head.note(wrong + 1, `The text ${faultOf(lines[wrong]!, 'text')}.`)
  if (parsed.markdown === '') head.note(end + 1, 'There is no text below the front matter.')
  return head.problems.length > 0
    ? { problems: head.problems }
    : parsed as PolicyFile
}

/** The front matter, asked for one value after another; what is wrong is noted with its line in the file. */
function createHead(file: string, yaml: string) {
  const problems: PolicyFileProblem[] = []
  const counter = new LineCounter()
  const document = parseDocument(yaml, {
    lineCounter: counter,
    schema: 'core',
    uniqueKeys: true,
    maxAliasCount: 0,
  } as never)
  const lineAt = (offset: number | undefined) => offset === undefined
    ? 1
    : counter.linePos(offset).line + 1
  const note = (line: number, says: string) => void problems.push({ file, line, says })
  for (const { pos, code, message } of document.errors) note(lineAt(pos[0]), `The front matter is no YAML: ${message.split('\n')[0]!.replace(/ at line \d.*$/, '')} (${code}).`)
  const root = isMap(document.contents)
    ? document.contents as YAMLMap<Node, Node | null>
    : undefined
  if (!root && problems.length === 0) note(2, 'The front matter has to be names and values, as title: Privacy policy.')
  const asked = new Set<string>()

  const pairOf = (name: string) => root?.items.find(({ key }) => isScalar(key) && key.value === name)
  const lineOf = (name: string) => lineAt((pairOf(name)?.key as Node | undefined)?.range?.[0])
  /** Undefined after it noted what is wrong. */
  function text(name: string, fallback?: string): string | undefined {
    asked.add(name)
    const value = pairOf(name)?.value
    if (value === undefined || (isScalar(value) && value.value === null)) {
      if (fallback === undefined) note(lineOf(name), `${name} is missing.`)
      return fallback
    }
    return plain(name, value, lineOf(name))
  }
  function plain(name: string, value: Node | null | undefined, line: number): string | undefined {
    if (!isScalar(value) || !['string', 'number', 'boolean'].includes(typeof value.value)) {
      note(line, `${name} has to be a text.`)
      return undefined
    }
    return String(value.source ?? value.value).trim()
  }
  function fit(name: string, given: string | undefined, line: number, longest: number, shortest = 1): string | undefined {
    if (given === undefined) return undefined
    const fault = faultOf(given, 'line')
    if (fault !== undefined) return void note(line, `${name} ${fault}.`)
    if (!isVisible(given) && (shortest > 0 || given !== '')) return void note(line, `${name} is empty.`)
    if (given.length > longest) return void note(line, `${name} has more than ${longest} characters.`)
    return given
  }
  const line = (name: string, longest: number, fallback?: string) => fit(name, text(name, fallback), lineOf(name), longest, fallback === ''
    ? 0
    : 1)

  return {
    problems,
    note,
    lineOf,
    line,
    oneOf<Choice extends string>(name: string, choices: readonly Choice[], fallback?: Choice): Choice | undefined {
      const given = text(name, fallback)
      if (given === undefined || choices.includes(given as Choice)) return given as Choice | undefined
      note(lineOf(name), `${name} has to be one of ${choices.join(', ')}.`)
      return undefined
    },
    matching(name: string, fits: (given: string) => boolean, says: string, fallback?: string, longest = 64): string | undefined {
      const given = line(name, longest, fallback)
      if (given === undefined || fits(given)) return given
      note(lineOf(name), `${name} ${says}.`)
      return undefined
    },
    day(name: string): string | undefined {
      const given = text(name)
      if (given === undefined) return undefined
      const at = new Date(`${given}T00:00:00Z`)
      if (/^\d{4}-\d\d-\d\d$/.test(given) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(given)) return given
      note(lineOf(name), `${name} has to be a day that exists, as 2027-01-31.`)
      return undefined
    },
    highlights(): DraftHighlight[] {
      asked.add('highlights')
      const value = pairOf('highlights')?.value
      if (value === undefined || (isScalar(value) && value.value === null)) return []
      if (!isSeq(value) || value.items.length > 3) {
        note(lineOf('highlights'), 'highlights has to be a list of at most three, each with a title and a sentence.')
        return []
      }
      return value.items.map((item) => {
        const at = lineAt((item as Node).range?.[0])
        const entry = isMap(item)
          ? item as YAMLMap<Node, Node | null>
          : undefined
        const names = entry?.items.map(({ key }) => String(isScalar(key) && key.value)) ?? []
        if (!entry || names.length !== 2 || !names.includes('title') || !names.includes('sentence')) {
          note(at, 'A highlight has a title and a sentence, and nothing else.')
          return { title: '', sentence: '' }
        }
        const part = (name: string, longest: number) => fit(name, plain(name, entry.get(name, true) as Node, at), at, longest) ?? ''
        return {
          title: part('title', 80),
          sentence: part('sentence', 300),
        }
      })
    },
    noOthers() {
      for (const { key } of root?.items ?? []) {
        const name = isScalar(key)
          ? String(key.value)
          : ''
        if (!asked.has(name)) note(lineAt(key.range?.[0]), `“${name.slice(0, 60)}” is nothing that front matter has.`)
      }
    },
  }
}

/** Leaves out what says something else than a file before it: of a policy there is one text in a language, and one version at a time. */
function agreeing({ files, problems }: PolicyFiles): PolicyFiles {
  const kept: PolicyFile[] = []
  for (const each of files) {
    const others = kept.filter(({ slug }) => slug === each.slug)
    const differing = (['kind', 'acceptance', 'effectiveOn'] as const).find(part => others.some(other => other[part] !== each[part]))
    const same = others.find(({ language }) => language === each.language)
    if (same) {
      problems.push({ file: each.file, line: 1, says: `${same.file} is the text of “${each.slug}” in this language already.` })
    }
    else if (differing) {
      problems.push({
        file: each.file,
        line: differing === 'effectiveOn'
          ? each.lines.effective
          : 1,
        says: `${differing === 'effectiveOn'
          ? 'effective'
          : differing} is another than in ${others[0]!.file}, which is the same policy: all languages of a version agree in it.`,
      })
    }
    else {
      kept.push(each)
    }
  }
  return { files: kept, problems }
}
