import type { ZipEntry } from './zip.ts'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readZip } from '../../../test/read-zip.ts'
import { isSoak } from '../../../test/soak.ts'
import { zipArchive, zipLength } from './zip.ts'

const modifiedAt = new Date('2026-03-04T05:06:07Z')
const file = (path: string, size: number): ZipEntry => ({ path, size, crc32: null, modifiedAt })
const folder = (path: string): ZipEntry => ({
  path,
  size: 0,
  crc32: null,
  modifiedAt,
})
const bytesOf = (entry: ZipEntry) => Buffer.alloc(entry.size, entry.path)
const write = (entries: ZipEntry[]) => buffer(zipArchive(entries, async entry => Readable.from([
  bytesOf(entry),
])))

const farEnds: [string, ZipEntry[]][] = [
  [
    '65,534 entries',
    Array.from({ length: 65_534 }, (_, n) => folder(`f${n}/`)),
  ],
  [
    '65,535 entries',
    Array.from({ length: 65_535 }, (_, n) => folder(`f${n}/`)),
  ],
  [
    '66,000 files',
    Array.from({ length: 66_000 }, (_, n) => file(`f${n}`, 1)),
  ],
]

describe('a ZIP', () => {
  it.each([
    ['nothing', []],
    [
      'one empty file',
      [
        file('empty', 0),
      ],
    ],
    [
      'folders, empty ones too, and names in UTF-8',
      [
        folder('Ordner/'),
        folder('Ordner/leer/'),
        file('Ordner/Prüfung 監査 🗂.txt', 300_000),
        file('a', 1),
      ],
    ],
    [
      'a directory over 64 KiB',
      Array.from({ length: 2000 }, (_, n) => file(`folder/a name of a file ${n}`, n % 7)),
    ],
    ...farEnds,
  ])('of %s has the length told ahead and reads back byte for byte (those of tens of thousands only in the soak)', async (_what, entries) => {
    const zip = await write(entries)
    expect(zip.length).toBe(zipLength(entries))
    if (entries.length > 10_000 && !isSoak) return
    const read = await readZip(zip)
    expect(read.map(entry => entry.name)).toEqual(entries.map(entry => entry.path))
    expect(read.every((entry, n) => entry.content.equals(bytesOf(entries[n]!)))).toBe(true)
    expect(read.every(entry => entry.modifiedAt.getTime() === modifiedAt.getTime())).toBe(true)
  })

  describe('opens the next few files ahead', () => {
    const tick = () => new Promise(resolve => setImmediate(resolve))
    function sources(sizes: number[]) {
      const opened: Readable[] = []
      const entries = sizes.map((size, n) => file(String(n), size))
      const zip = zipArchive(entries, async (entry) => {
        const chunks = Math.ceil(entry.size / 65_536)
        const source = Readable.from(Array.from({ length: chunks }, (_, n) => Buffer.alloc(Math.min(65_536, entry.size - n * 65_536))), { highWaterMark: 1 })
        opened.push(source)
        return source
      })
      return { opened, zip }
    }

    it('and lets go of them when the reader does', async () => {
      const { opened, zip } = sources(Array.from<number>({ length: 50 }).fill(70_000))
      await zip.next()
      await tick()
      expect(opened).toHaveLength(5)
      await zip.return(undefined)
      await tick()
      expect(opened.every(source => source.destroyed)).toBe(true)
    })

    it('but not while much is left of a large one', async () => {
      const { opened, zip } = sources([10 * 1024 * 1024, 100, 100])
      for (let bytes = 0; bytes < 8 * 1024 * 1024;) bytes += (await zip.next()).value!.length
      expect(opened).toHaveLength(1)
      for (let bytes = 0; bytes < 1.5 * 1024 * 1024;) bytes += (await zip.next()).value!.length
      await tick()
      expect(opened).toHaveLength(3)
      await zip.return(undefined)
    })

    it('and tells what was wrong with one when it is its turn', async () => {
      const entries = [
        file('right', 300_000),
        file('wrong', 5),
      ]
      let bytes = 0
      await expect((async () => {
        for await (const chunk of zipArchive(entries, async entry => entry.path === 'right'
          ? Readable.from([
              bytesOf(entry),
            ])
          : new Readable({
              read() { this.destroy(new Error('gone')) },
            }))) {
          bytes += chunk.length
          await tick()
        }
      })()).rejects.toThrow('gone')
      expect(bytes).toBeGreaterThan(300_000)
    })
  })

  it('takes no file with another CRC-32 or length than its entry says', async () => {
    const right = {
      ...file('a', 1000),
      crc32: crc32(bytesOf(file('a', 1000))),
    }
    expect(await readZip(await write([right]))).toHaveLength(1)
    await expect(write([
      { ...right, crc32: right.crc32 ^ 1 },
    ])).rejects.toThrow('CRC-32')
    await expect(buffer(zipArchive([right], async () => Readable.from([
      bytesOf(right).subarray(1),
    ])))).rejects.toThrow('999 bytes')
  })

  it('knows the length beyond 4 GiB: a large file, and small ones behind it', () => {
    const large = 2 ** 32 - 1
    const names = 2 * ('a'.length + 'b'.length)
    const without64 = (30 + 9 + 16 + 46 + 9) * 2 + names + 22
    expect(zipLength([
      file('a', 10),
      file('b', 20),
    ])).toBe(without64 + 30)
    expect(zipLength([
      file('a', large),
      file('b', 20),
    ])).toBe(without64 + large + 20 + (20 + 8 + 28) + 28 + 76)
  })

  it('beyond 4 GiB is read by others', async () => {
    const entries = [
      file('large', 2 ** 32 + 5),
      file('behind', 3),
    ]
    const zeros = Buffer.alloc(4 * 1024 * 1024)
    // Of the large file's bytes only their number is kept.
    const pieces: { at: number, bytes: Buffer }[] = []
    let size = 0
    for await (const bytes of zipArchive(entries, async entry => Readable.from((function* () {
      for (let left = entry.size; left > 0; left -= zeros.length) yield zeros.subarray(0, left)
    })(), { objectMode: false }))) {
      if (bytes.length < zeros.length) pieces.push({ at: size, bytes })
      size += bytes.length
    }
    expect(size).toBe(zipLength(entries))

    const read = await readZip({
      size,
      read(start, end) {
        const part = Buffer.alloc(end - start)
        for (const { at, bytes } of pieces) {
          const from = Math.max(start, at)
          if (from < end && from < at + bytes.length) bytes.copy(part, from - start, from - at, end - at)
        }
        return part
      },
    }, {
      skip: ['large'],
    })
    expect(read.map(({ name, size, content }) => [
      name,
      size,
      content.toString('hex'),
    ])).toEqual([
      ['large', 2 ** 32 + 5, ''],
      ['behind', 3, '000000'],
    ])
  })

  it.each([
    ['short', 9],
    ['long', 11],
  ])('breaks off when a source is too %s', async (_what, size) => {
    await expect(buffer(zipArchive([
      file('a', 10),
    ], async () => Readable.from([
      Buffer.alloc(size),
    ])))).rejects.toThrow(/has \d+ bytes, not 10/)
  })

  it('breaks off when a source fails, and lets go of it when the reader goes away', async () => {
    const failing = new Readable({
      read() { this.destroy(new Error('disk')) },
    })
    await expect(buffer(zipArchive([
      file('a', 10),
    ], async () => failing))).rejects.toThrow('disk')

    const endless = new Readable({
      read() { this.push(Buffer.alloc(100_000)) },
    })
    const zip = Readable.from(zipArchive([
      file('a', 1e12),
    ], async () => endless), { objectMode: false })
    for await (const chunk of zip) {
      if (chunk) break
    }
    await new Promise(resolve => setImmediate(resolve))
    expect(endless.destroyed).toBe(true)
  })

  it('has few sources open at a time', async () => {
    let open = 0
    let most = 0
    await buffer(zipArchive(Array.from({ length: 20 }, (_, n) => file(`f${n}`, 100_000)), async (entry) => {
      most = Math.max(most, ++open)
      const source = Readable.from([
        bytesOf(entry),
      ])
      source.once('close', () => open--)
      return source
    }))
    expect(most).toBe(5)
  })
})
