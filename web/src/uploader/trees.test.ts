import type { UploadFolder } from './folder-maker.ts'
import { describe, expect, it } from 'vitest'
import { ProblemError } from '../api/problem.ts'
import { createFolderMaker, FolderLeftOutError } from './folder-maker.ts'
import { createFolderNames } from './folder-names.ts'
import { treeOfFiles, walkEntries } from './tree-walk.ts'

interface Tree { [name: string]: Tree | string | Error }

/** Entries as browsers give them: a reader answers at most 100 at a time, an empty batch at the end. */
function entry(name: string, content: Tree | string | Error): FileSystemEntry {
  if (typeof content === 'string' || content instanceof Error) {
    return {
      name,
      isFile: true,
      isDirectory: false,
      file: (resolve: (file: File) => void, reject: (error: Error) => void) => content instanceof Error
        ? reject(content)
        : resolve(new File([content], name)),
    } as unknown as FileSystemEntry
  }
  return {
    name,
    isFile: false,
    isDirectory: true,
    createReader: () => {
      const children = Object.entries(content).map(([child, inside]) => entry(child, inside))
      return {
        readEntries: (resolve: (batch: FileSystemEntry[]) => void) => setTimeout(() => resolve(children.splice(0, 100))),
      }
    },
  } as unknown as FileSystemEntry
}

const invalid = (suggestedName: string | null) => new ProblemError({
  type: '',
  title: '',
  status: 400,
  code: 'item.name_invalid',
  errors: [],
}, { suggestedName })

describe('tree walk', () => {
  it('reads folders beyond the first batch and keeps their structure', async () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`${n}.txt`, 'x']))
    const tree = await walkEntries([
      entry('set', {
        many,
        deep: {
          deeper: { 'a.txt': 'a' },
        },
      }),
      entry('loose.txt', ''),
    ])
    expect(tree.files).toHaveLength(252)
    expect(tree.files.find(({ file }) => file.name === 'a.txt')?.folders).toEqual(['set', 'deep', 'deeper'])
    expect(tree.files.at(-1)?.folders).toEqual([])
  })

  it('tells empty folders, and what cannot be read without losing the rest', async () => {
    const tree = await walkEntries([
      entry('set', {
        'nothing': {},
        'locked.txt': new Error('denied'),
        'ok.txt': '1',
      }),
    ])
    expect(tree.emptyFolders).toEqual([
      ['set', 'nothing'],
    ])
    expect(tree.unreadable).toEqual(['set/locked.txt'])
    expect(tree.files.map(({ file }) => file.name)).toEqual(['ok.txt'])
  })

  it('takes the folders of a folder picker from the relative path', () => {
    const file = Object.assign(new File([''], 'a.txt'), { webkitRelativePath: 'set/deep/a.txt' })
    expect(treeOfFiles([
      file,
      new File([''], 'b.txt'),
    ]).files.map(({ folders }) => folders)).toEqual([
      ['set', 'deep'],
      [],
    ])
  })
})

/** As the server answers. */
const folder = (id: string, isNew = true) => ({
  id,
  name: id.split('/').at(-1)!,
  isNew,
})
const lastOf = async (way: Promise<UploadFolder[]>) => (await way).at(-1)!.id

describe('folder maker', () => {
  it('makes each folder once, however many ask at the same time', async () => {
    const made: string[] = []
    const maker = createFolderMaker({
      create: async (_workspace, parent, name) => {
        made.push(`${parent}/${name}`)
        await new Promise(resolve => setTimeout(resolve))
        return folder(`${parent}/${name}`)
      },
      mayClean: async () => false,
    })
    await Promise.all(Array.from({ length: 20 }, () => maker.ensure('batch', 'w', 'root', ['a', 'b'])))
    expect(made).toEqual(['root/a', 'root/a/b'])
  })

  it('leaves it to the server which names are the same', async () => {
    const made: string[] = []
    const maker = createFolderMaker({
      create: async (_workspace, parent, name) => {
        made.push(`${parent}/${name}`)
        return folder(`${parent}/strasse`)
      },
      mayClean: async () => false,
    })
    const ids = await Promise.all(['Straße', 'Strasse', 'STRASSE'].map(name => lastOf(maker.ensure('batch', 'w', 'root', [name, 'in it']))))
    expect(new Set(ids).size).toBe(1)
    expect(made.filter(path => path === 'root/strasse/in it')).toHaveLength(1)
  })

  it('asks once about all names of a batch that the server does not take, and makes cleaned ones', async () => {
    const made: string[] = []
    const names = createFolderNames(() => {})
    const maker = createFolderMaker({
      create: async (_workspace, parent, name) => {
        if (name.endsWith('.') || name.startsWith(' ')) throw invalid(name.replaceAll(/^ |\.$/g, ''))
        made.push(`${parent}/${name}`)
        return folder(`${parent}/${name}`)
      },
      mayClean: names.mayClean,
      atOnce: 1,
    })
    const all = Promise.all([
      lastOf(maker.ensure('batch', 'w', 'root', ['Entwurf.', 'in it.'])),
      lastOf(maker.ensure('batch', 'w', 'root', [' Final'])),
      lastOf(maker.ensure('batch', 'w', 'root', ['fine'])),
    ])
    await expect.poll(() => names.open()).toEqual([
      { name: 'Entwurf.', cleaned: 'Entwurf' },
      { name: ' Final', cleaned: 'Final' },
    ])
    names.answer(true)
    expect(await all).toEqual(['root/Entwurf/in it', 'root/Final', 'root/fine'])
    expect(made.toSorted()).toEqual([
      'root/Entwurf',
      'root/Entwurf/in it',
      'root/Final',
      'root/fine',
    ])
    expect(names.open()).toEqual([])
  })

  it('leaves out what may not be cleaned, and fails where the server has no other name', async () => {
    const names = createFolderNames(() => {})
    const maker = createFolderMaker({
      create: async (_workspace, _parent, name) => {
        throw invalid(name === '...'
          ? null
          : 'a')
      },
      mayClean: names.mayClean,
    })
    const left = maker.ensure('batch', 'w', 'root', ['a.'])
    await expect.poll(() => names.open()).toHaveLength(1)
    names.answer(false)
    await expect(left).rejects.toThrow(FolderLeftOutError)
    await expect(maker.ensure('batch', 'w', 'root', ['b.'])).rejects.toThrow(FolderLeftOutError)
    await expect(maker.ensure('batch', 'w', 'root', ['...'])).rejects.toMatchObject({ code: 'item.name_invalid' })
  })

  it('tells which folders were made, and for whom', async () => {
    const maker = createFolderMaker({
      create: async (_workspace, parent, name) => folder(`${parent}/${name}`, name !== 'there'),
      mayClean: async () => false,
    })
    await maker.ensure('first', 'w', 'root', ['there', 'new'])
    expect((await maker.ensure('second', 'w', 'root', ['there', 'new', 'newer'])).map(({ name, madeFor }) => [name, madeFor])).toEqual([
      ['there', undefined],
      ['new', 'first'],
      ['newer', 'second'],
    ])
  })

  it('tries again after a failure', async () => {
    let calls = 0
    const maker = createFolderMaker({
      create: async () => {
        if (calls++ === 0) throw new Error('lost')
        return folder('id')
      },
      mayClean: async () => false,
    })
    await expect(maker.ensure('batch', 'w', 'root', ['a'])).rejects.toThrow('lost')
    await expect(lastOf(maker.ensure('batch', 'w', 'root', ['a']))).resolves.toBe('id')
  })
})
