import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import yauzl from 'yauzl'

export interface ReadEntry { name: string, size: number, content: Buffer, modifiedAt: Date }
/** Bytes by their place, for archives too large to hold. */
export interface ZipSource { size: number, read: (start: number, end: number) => Buffer }

class SourceReader extends yauzl.RandomAccessReader {
  readonly source: ZipSource

  constructor(source: ZipSource) {
    super()
    this.source = source
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from([
      this.source.read(start, end),
    ])
  }
}

/** Reads an archive with a library that the server does not use: names, bytes (lengths and CRC-32 checked), times. */
export function readZip(zip: Buffer | ZipSource, { skip = [] }: { skip?: string[] } = {}): Promise<ReadEntry[]> {
  const source = Buffer.isBuffer(zip)
    ? {
        size: zip.length,
        read: (start: number, end: number) => zip.subarray(start, end),
      }
    : zip
  const entries: ReadEntry[] = []
  return new Promise((resolve, reject) => {
    yauzl.fromRandomAccessReader(new SourceReader(source), source.size, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true }, (error, file) => {
      if (error) return reject(error)
      file.on('error', reject)
      file.on('end', () => resolve(entries))
      file.on('entry', (entry: yauzl.Entry) => {
        const keep = (content: Buffer) => {
          entries.push({
            name: entry.fileName,
            size: entry.uncompressedSize,
            content,
            modifiedAt: entry.getLastModDate(),
          })
          file.readEntry()
        }
        if (entry.fileName.endsWith('/') || skip.includes(entry.fileName)) return keep(Buffer.alloc(0))
        file.openReadStream(entry, (error, stream) => {
          if (error) return reject(error)
          buffer(stream).then((content) => {
            if (crc32(content) !== entry.crc32) throw new Error(`${entry.fileName}: the checksum is wrong`)
            keep(content)
          }).catch(reject)
        })
      })
      file.readEntry()
    })
  })
}
