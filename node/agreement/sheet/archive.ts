import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { ProtocolError } from '../../../protocol/error.ts'

/** A workbook of 20,000 short rows has 1.2 MiB packed and 26 MiB open. */
export const archiveLimits = { bytes: 16 << 20, entries: 256, open: 64 << 20 } as const

interface Entry {
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly offset: number
}

/** The parts of a ZIP file by name, opened one by one and bounded over all of them. */
export interface Archive {
  has(name: string): boolean
  /** @throws {ProtocolError} `FILE_TYPE_REFUSED` `ARCHIVE_LIMIT` */
  open(name: string): Buffer | undefined
}

function refuse(message: string): never {
  throw new ProtocolError('FILE_TYPE_REFUSED', message)
}

function tooMuch(message: string): never {
  throw new ProtocolError('ARCHIVE_LIMIT', message)
}

/**
 * Reads the directory of a ZIP file; nothing is unpacked before it is asked for, and never more than the directory says or than
 * 64 MiB in all, whatever it says.
 *
 * @throws {ProtocolError} `FILE_TYPE_REFUSED` — no ZIP file, one in parts, encrypted, or of another version
 *   `ARCHIVE_LIMIT` — larger than 16 MiB, or more than 256 parts
 * @see spec/mapping.md, MAP-91
 */
export function openArchive(bytes: Uint8Array): Archive {
  if (bytes.length > archiveLimits.bytes) tooMuch(`larger than ${archiveLimits.bytes} bytes`)
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const entries = readDirectory(file)
  let left: number = archiveLimits.open
  return {
    has: (name) => entries.has(name.toLowerCase()),
    open: (name) => {
      const entry = entries.get(name.toLowerCase())
      if (!entry) return undefined
      left -= entry.size
      if (left < 0) tooMuch(`more than ${archiveLimits.open} bytes when unpacked`)
      return unpack(file, entry)
    },
  }
}

function readDirectory(file: Buffer): ReadonlyMap<string, Entry> {
  const end = findEnd(file)
  const [count, size, offset] = [
    file.readUInt16LE(end + 10),
    file.readUInt32LE(end + 12),
    file.readUInt32LE(end + 16),
  ]
  if (file.readUInt16LE(end + 4) !== 0 || file.readUInt16LE(end + 8) !== count) refuse('a ZIP file in parts')
  if (count > archiveLimits.entries) tooMuch(`more than ${archiveLimits.entries} parts`)
  if (offset + size > end) refuse('the directory of the ZIP file is broken')
  const entries = new Map<string, Entry>()
  let at = offset
  for (let i = 0; i < count; i += 1) {
    if (at + 46 > end || file.readUInt32LE(at) !== 0x02014b50)
      refuse('the directory of the ZIP file is broken')
    const [flags, method] = [file.readUInt16LE(at + 8), file.readUInt16LE(at + 10)]
    const nameEnd = at + 46 + file.readUInt16LE(at + 28)
    const name = file
      .toString('utf8', at + 46, nameEnd)
      .replaceAll('\\', '/')
      .toLowerCase()
    if ((flags & 0x41) !== 0) refuse('an encrypted part')
    if (entries.has(name)) refuse('a part twice')
    entries.set(name, {
      method,
      crc: file.readUInt32LE(at + 16),
      packed: file.readUInt32LE(at + 20),
      size: file.readUInt32LE(at + 24),
      offset: file.readUInt32LE(at + 42),
    })
    at = nameEnd + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32)
  }
  return entries
}

function findEnd(file: Buffer): number {
  if (file.length < 22 || file.readUInt32LE(0) !== 0x04034b50) refuse('not a workbook of Excel 2007 or later')
  for (let at = file.length - 22; at >= Math.max(0, file.length - 65_557); at -= 1)
    if (file.readUInt32LE(at) === 0x06054b50 && at + 22 + file.readUInt16LE(at + 20) === file.length)
      return at
  return refuse('a ZIP file without its end')
}

function unpack(file: Buffer, { method, crc, packed, size, offset }: Entry): Buffer {
  if (offset + 30 > file.length || file.readUInt32LE(offset) !== 0x04034b50)
    refuse('a part is not where it should be')
  const begin = offset + 30 + file.readUInt16LE(offset + 26) + file.readUInt16LE(offset + 28)
  if (begin + packed > file.length) refuse('a part is cut off')
  const data = file.subarray(begin, begin + packed)
  const open =
    method === 0 ? data : method === 8 ? inflate(data, size) : refuse('a part packed in an unknown way')
  if (open.length !== size || crc32(open) !== crc) refuse('a part is damaged')
  return open
}

function inflate(data: Buffer, size: number): Buffer {
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(size, 1) })
  } catch (cause) {
    throw new ProtocolError('FILE_TYPE_REFUSED', 'a part is damaged, or larger than it says', { cause })
  }
}

/** A ZIP file of these parts, without times, so that the same parts are the same bytes. */
export function packArchive(parts: ReadonlyMap<string, string>): Uint8Array {
  const [files, directory]: [Buffer[], Buffer[]] = [[], []]
  let offset = 0
  for (const [name, text] of parts) {
    const [title, open] = [Buffer.from(name), Buffer.from(text)]
    const data = deflateRawSync(open)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(0x0800, 2)
    fields.writeUInt16LE(8, 4)
    fields.writeUInt16LE(0x21, 8)
    fields.writeUInt32LE(crc32(open), 10)
    fields.writeUInt32LE(data.length, 14)
    fields.writeUInt32LE(open.length, 18)
    fields.writeUInt16LE(title.length, 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    files.push(Buffer.from('PK\x03\x04'), fields, title, data)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, place, title)
    offset += 30 + title.length + data.length
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.size, 8)
  end.writeUInt16LE(parts.size, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, ...directory, end])
}
