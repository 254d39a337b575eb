import { describe, expect, it } from 'vitest'
import { ProblemError } from '../api/problem.ts'
import { createFolderMaker } from './folder-maker.ts'
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

const taken = () => new ProblemError({
  type: '',
  title: '',
  status: 409,
  code: 'item.name_taken',
  errors: [],
})

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

describe('folder maker', () => {
  it('makes each folder once, however many ask at the same time', async () => {
    const made: string[] = []
    const maker = createFolderMaker({
      create: async (_workspace, parent, name) => {
        made.push(`${parent}/${name}`)
        await new Promise(resolve => setTimeout(resolve))
        return `${parent}/${name}`
      },
      find: async () => null,
    })
    await Promise.all(Array.from({ length: 20 }, (_, n) => maker.ensure('w', 'root', [
      'a',
      n % 2
        ? 'B'
        : 'b',
    ])))
    expect(made).toEqual(['root/a', 'root/a/b'])
  })

  it('takes the folder that is there, and fails where a file has the name', async () => {
    const maker = createFolderMaker({
      create: async () => { throw taken() },
      find: async (_workspace, _parent, name) => name === 'there'
        ? 'id'
        : null,
    })
    await expect(maker.ensure('w', 'root', ['there'])).resolves.toBe('id')
    await expect(maker.ensure('w', 'root', ['file'])).rejects.toMatchObject({ code: 'item.name_taken' })
  })

  it('tries again after a failure', async () => {
    let calls = 0
    const maker = createFolderMaker({
      create: async () => {
        if (calls++ === 0) throw new Error('lost')
        return 'id'
      },
      find: async () => null,
    })
    await expect(maker.ensure('w', 'root', ['a'])).rejects.toThrow('lost')
    await expect(maker.ensure('w', 'root', ['a'])).resolves.toBe('id')
  })
})
