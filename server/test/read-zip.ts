import { buffer } from 'node:stream/consumers'
import yauzl from 'yauzl'

export interface ReadEntry { name: string, content: Buffer, modifiedAt: Date }

/** Reads an archive with a library that the server does not use: names, bytes (lengths and CRC-32 checked), times. */
export function readZip(zip: Buffer): Promise<ReadEntry[]> {
  const entries: ReadEntry[] = []
  return new Promise((resolve, reject) => {
    yauzl.fromBuffer(zip, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true }, (error, file) => {
      if (error) return reject(error)
      file.on('error', reject)
      file.on('end', () => resolve(entries))
      file.on('entry', (entry: yauzl.Entry) => {
        file.openReadStream(entry, (error, stream) => {
          if (error) return reject(error)
          buffer(stream).then((content) => {
            entries.push({
              name: entry.fileName,
              content,
              modifiedAt: entry.getLastModDate(),
            })
            file.readEntry()
          }).catch(reject)
        })
      })
      file.readEntry()
    })
  })
}
