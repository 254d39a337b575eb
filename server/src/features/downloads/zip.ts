import type { Readable } from 'node:stream'
import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'

/**
 * A ZIP writer for bytes that are not read twice: stored, not compressed (what people share is compressed already, and only so is
 * the length known ahead), sizes and checksum behind each file, ZIP64 only where it is needed.
 * Format: PKWARE APPNOTE 6.3.10; times also as Info-ZIP's extended timestamp (0x5455), which is UTC.
 */
export interface ZipEntry {
  /** With `/` between its parts; ends in `/` for a folder. */
  path: string
  /** Bytes; 0 for a folder. */
  size: number
  /** What its bytes must have; null when it is not known. */
  crc32: number | null
  modifiedAt: Date
}

const U32 = 0xFFFF_FFFF
const U16 = 0xFFFF
const UNIX = 3 << 8
const VERSION = 20
const VERSION_ZIP64 = 45
/** Sizes in the data descriptor (bit 3), names in UTF-8 (bit 11). */
const FILE_FLAGS = 1 << 3 | 1 << 11
const FOLDER_FLAGS = 1 << 11
const FILE_MODE = (0o100644 << 16) >>> 0
/** Also MS-DOS's folder bit. */
const FOLDER_MODE = ((0o040755 << 16) | 0x10) >>> 0

const LOCAL_HEADER = 30
const CENTRAL_HEADER = 46
const TIME_FIELD = 9
const ZIP64_LOCAL_FIELD = 20
const ZIP64_CENTRAL_FIELD = 28
const DESCRIPTOR = 16
const DESCRIPTOR_ZIP64 = 24
const END_RECORD = 22
const END_RECORD_ZIP64 = 56 + 20

/** Small pieces go out together. */
const BATCH_BYTES = 64 * 1024
/** So many sources are opened while one is read: of small files most of the time is waiting for the store. */
const OPEN_AHEAD = 4
/** But not while more than this is left of the one that is read: what waits for long, its store may give up. */
const OPEN_AHEAD_BYTES = 1024 * 1024

const isFolder = (entry: ZipEntry) => entry.path.endsWith('/')
const isLarge = (entry: ZipEntry) => entry.size >= U32

interface Ends { count: number, centralSize: number, centralOffset: number }
const needsZip64End = ({ count, centralSize, centralOffset }: Ends) => count >= U16 || centralSize >= U32 || centralOffset >= U32

const hex = (checksum: number) => checksum.toString(16).padStart(8, '0')

/** The exact length of the archive in bytes. */
export function zipLength(entries: Iterable<ZipEntry>): number {
  let count = 0
  let offset = 0
  let centralSize = 0
  for (const entry of entries) {
    const nameBytes = Buffer.byteLength(entry.path)
    count++
    centralSize += CENTRAL_HEADER + nameBytes + TIME_FIELD + (isLarge(entry) || offset >= U32
      ? ZIP64_CENTRAL_FIELD
      : 0)
    offset += LOCAL_HEADER + nameBytes + TIME_FIELD + entry.size + (isFolder(entry)
      ? 0
      : isLarge(entry)
        ? ZIP64_LOCAL_FIELD + DESCRIPTOR_ZIP64
        : DESCRIPTOR)
  }
  return offset + centralSize + END_RECORD + (needsZip64End({ count, centralSize, centralOffset: offset })
    ? END_RECORD_ZIP64
    : 0)
}

/**
 * The archive's bytes. Sources are read one after another, the next few opened ahead; all are destroyed when the reader goes away.
 * @param entries asked for twice, in the same order: for the files, and for the directory behind them
 * @throws Error when a source has not the length or the CRC-32 that its entry says; the archive must then not look whole
 */
export async function* zipArchive<Entry extends ZipEntry>(entries: Iterable<Entry> & { readonly length: number }, open: (entry: Entry) => Promise<Readable>): AsyncGenerator<Buffer> {
  const checksums = new Uint32Array(entries.length)
  const offsets = new Float64Array(entries.length)
  const batch = createBatch()
  const sources = openInTurn(entries, open)
  let offset = 0
  let index = 0

  try {
    for (let next = sources.next(); next; next = sources.next()) {
      const { entry, source } = next
      offsets[index] = offset
      const header = localHeader(entry)
      offset += header.length
      yield* batch.add(header)
      if (!isFolder(entry)) {
        let checksum = 0
        let size = 0
        if (source) {
          if (entry.size <= OPEN_AHEAD_BYTES) sources.openAhead()
          for await (const chunk of await source as AsyncIterable<Buffer>) {
            checksum = crc32(chunk, checksum)
            size += chunk.length
            if (entry.size - size <= OPEN_AHEAD_BYTES) sources.openAhead()
            yield* batch.add(chunk)
          }
        }
        if (size !== entry.size) throw new Error(`a file of the archive has ${size} bytes, not ${entry.size}`)
        if (entry.crc32 !== null && checksum !== entry.crc32) throw new Error(`a file of the archive has the CRC-32 ${hex(checksum)}, not ${hex(entry.crc32)}`)
        checksums[index] = checksum
        const descriptor = dataDescriptor(entry, checksum)
        offset += size + descriptor.length
        yield* batch.add(descriptor)
      }
      index++
    }
  }
  finally {
    sources.close()
  }

  const centralOffset = offset
  let centralSize = 0
  index = 0
  for (const entry of entries) {
    const header = centralHeader(entry, checksums[index]!, offsets[index]!)
    centralSize += header.length
    yield* batch.add(header)
    index++
  }
  yield* batch.add(endRecords({ count: index, centralSize, centralOffset }))
  yield* batch.rest()
}

/** Entries with their sources, in order. */
function openInTurn<Entry extends ZipEntry>(entries: Iterable<Entry>, open: (entry: Entry) => Promise<Readable>) {
  const iterator = entries[Symbol.iterator]()
  const opened: { entry: Entry, source: Promise<Readable> | undefined }[] = []

  function openAhead(count = OPEN_AHEAD): void {
    while (opened.length < count) {
      const { value: entry, done } = iterator.next()
      if (done) return
      const source = entry.size > 0
        ? open(entry)
        : undefined
      source?.then(body => body.on('error', () => {}).read(0), () => {}) // its failure is heard when its turn comes
      opened.push({ entry, source })
    }
  }

  return {
    openAhead,
    /** Undefined after the last. */
    next() {
      openAhead(1)
      return opened.shift()
    },
    /** Lets go of what was opened and will not be read. */
    close() {
      for (const { source } of opened) source?.then(body => body.destroy(), () => {})
    },
  }
}

function createBatch() {
  let pieces: Buffer[] = []
  let bytes = 0
  function* rest(): Generator<Buffer> {
    if (bytes === 0) return
    const whole = pieces.length === 1
      ? pieces[0]!
      : Buffer.concat(pieces, bytes)
    pieces = []
    bytes = 0
    yield whole
  }
  return {
    rest,
    * add(piece: Buffer): Generator<Buffer> {
      if (bytes + piece.length > BATCH_BYTES) yield* rest()
      pieces.push(piece)
      bytes += piece.length
    },
  }
}

/** §4.3.7. With bit 3 set the sizes are zero here; a large file's say by ZIP64 that its descriptor has 8-byte sizes. */
function localHeader(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.path)
  const large = isLarge(entry)
  const { date, time } = dosTime(entry.modifiedAt)
  const header = Buffer.alloc(LOCAL_HEADER)
  header.writeUInt32LE(0x04034B50, 0)
  header.writeUInt16LE(large
    ? VERSION_ZIP64
    : VERSION, 4)
  header.writeUInt16LE(isFolder(entry)
    ? FOLDER_FLAGS
    : FILE_FLAGS, 6)
  header.writeUInt16LE(time, 10)
  header.writeUInt16LE(date, 12)
  if (large) {
    header.writeUInt32LE(U32, 18)
    header.writeUInt32LE(U32, 22)
  }
  header.writeUInt16LE(name.length, 26)
  header.writeUInt16LE(TIME_FIELD + (large
    ? ZIP64_LOCAL_FIELD
    : 0), 28)
  return Buffer.concat([
    header,
    name,
    timeField(entry),
    ...(large
      ? [
          zip64Field(0, 0),
        ]
      : []),
  ])
}

/** §4.3.9. */
function dataDescriptor(entry: ZipEntry, checksum: number): Buffer {
  const large = isLarge(entry)
  const descriptor = Buffer.alloc(large
    ? DESCRIPTOR_ZIP64
    : DESCRIPTOR)
  descriptor.writeUInt32LE(0x08074B50, 0)
  descriptor.writeUInt32LE(checksum, 4)
  if (large) {
    descriptor.writeBigUInt64LE(BigInt(entry.size), 8)
    descriptor.writeBigUInt64LE(BigInt(entry.size), 16)
  }
  else {
    descriptor.writeUInt32LE(entry.size, 8)
    descriptor.writeUInt32LE(entry.size, 12)
  }
  return descriptor
}

/** §4.3.12. */
function centralHeader(entry: ZipEntry, checksum: number, offset: number): Buffer {
  const name = Buffer.from(entry.path)
  const zip64 = isLarge(entry) || offset >= U32
  const { date, time } = dosTime(entry.modifiedAt)
  const header = Buffer.alloc(CENTRAL_HEADER)
  header.writeUInt32LE(0x02014B50, 0)
  header.writeUInt16LE(UNIX | VERSION_ZIP64, 4)
  header.writeUInt16LE(zip64
    ? VERSION_ZIP64
    : VERSION, 6)
  header.writeUInt16LE(isFolder(entry)
    ? FOLDER_FLAGS
    : FILE_FLAGS, 8)
  header.writeUInt16LE(time, 12)
  header.writeUInt16LE(date, 14)
  header.writeUInt32LE(checksum, 16)
  header.writeUInt32LE(zip64
    ? U32
    : entry.size, 20)
  header.writeUInt32LE(zip64
    ? U32
    : entry.size, 24)
  header.writeUInt16LE(name.length, 28)
  header.writeUInt16LE(TIME_FIELD + (zip64
    ? ZIP64_CENTRAL_FIELD
    : 0), 30)
  header.writeUInt32LE(isFolder(entry)
    ? FOLDER_MODE
    : FILE_MODE, 38)
  header.writeUInt32LE(zip64
    ? U32
    : offset, 42)
  return Buffer.concat([
    header,
    name,
    timeField(entry),
    ...(zip64
      ? [
          zip64Field(entry.size, entry.size, offset),
        ]
      : []),
  ])
}

/** §4.3.14 to §4.3.16. */
function endRecords(ends: Ends): Buffer {
  const { count, centralSize, centralOffset } = ends
  const zip64 = needsZip64End(ends)
  const end = Buffer.alloc(END_RECORD)
  end.writeUInt32LE(0x06054B50, 0)
  end.writeUInt16LE(Math.min(count, U16), 8)
  end.writeUInt16LE(Math.min(count, U16), 10)
  end.writeUInt32LE(Math.min(centralSize, U32), 12)
  end.writeUInt32LE(Math.min(centralOffset, U32), 16)
  if (!zip64) return end

  const large = Buffer.alloc(END_RECORD_ZIP64)
  large.writeUInt32LE(0x06064B50, 0)
  large.writeBigUInt64LE(44n, 4)
  large.writeUInt16LE(UNIX | VERSION_ZIP64, 12)
  large.writeUInt16LE(VERSION_ZIP64, 14)
  large.writeBigUInt64LE(BigInt(count), 24)
  large.writeBigUInt64LE(BigInt(count), 32)
  large.writeBigUInt64LE(BigInt(centralSize), 40)
  large.writeBigUInt64LE(BigInt(centralOffset), 48)
  large.writeUInt32LE(0x07064B50, 56)
  large.writeBigUInt64LE(BigInt(centralOffset + centralSize), 64)
  large.writeUInt32LE(1, 72)
  return Buffer.concat([large, end])
}

/** §4.5.3. */
function zip64Field(...values: number[]): Buffer {
  const field = Buffer.alloc(4 + values.length * 8)
  field.writeUInt16LE(0x0001, 0)
  field.writeUInt16LE(values.length * 8, 2)
  values.forEach((value, index) => field.writeBigUInt64LE(BigInt(value), 4 + index * 8))
  return field
}

function timeField({ modifiedAt }: ZipEntry): Buffer {
  const seconds = Math.floor(modifiedAt.getTime() / 1000)
  const field = Buffer.alloc(TIME_FIELD)
  field.writeUInt16LE(0x5455, 0)
  field.writeUInt16LE(5, 2)
  field.writeUInt8(1, 4)
  field.writeInt32LE(Math.max(-0x8000_0000, Math.min(seconds, 0x7FFF_FFFF)), 5)
  return field
}

/** Local time without a zone, from 1980 to 2107, in steps of two seconds; as if everybody lived in UTC. */
function dosTime(at: Date): { date: number, time: number } {
  const year = Math.max(1980, Math.min(at.getUTCFullYear(), 2107))
  if (year !== at.getUTCFullYear()) return { date: (year - 1980) << 9 | 1 << 5 | 1, time: 0 }
  return {
    date: (year - 1980) << 9 | (at.getUTCMonth() + 1) << 5 | at.getUTCDate(),
    time: at.getUTCHours() << 11 | at.getUTCMinutes() << 5 | at.getUTCSeconds() >> 1,
  }
}
