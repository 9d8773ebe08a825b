import { type SaxesAttributePlain, SaxesParser } from 'saxes'
import { decodeUtf8 } from '../../../protocol/bytes.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import type { Archive } from './archive.ts'

/**
 * A million cells with their texts are 4,000,000 elements. `stretch`: characters from one `<` to the next; a cell of 32,767
 * characters, each of them written as a number, has 300,000.
 */
export const xmlLimits = { depth: 64, attributes: 256, elements: 5_000_000, stretch: 1 << 20 } as const

type Attributes = Readonly<Record<string, string>>

/** What is told of one part: elements by their names without a prefix. */
export interface Listener {
  readonly open: (name: string, attributes: Attributes) => void
  readonly text?: (text: string) => void
  readonly close?: (name: string) => void
}

/** Goes through one part of an archive. @throws {ProtocolError} `FILE_TYPE_REFUSED` `ARCHIVE_LIMIT` `SHEET_LIMIT` */
export type Walk = (part: string, listener: Listener) => void

export function sheetLimit(message: string, cell?: string): ProtocolError {
  return new ProtocolError('SHEET_LIMIT', message, cell === undefined ? {} : { place: { cell } })
}

/**
 * Reads the XML parts of an archive one after the other; how many elements there are is counted over all of them. What a parser would have
 * to hold before it can tell of it is bounded: depth, attributes of one element, and text. A document type, and so every entity of its
 * own, is refused.
 *
 * @see spec/mapping.md, MAP-91
 */
export function createWalk(archive: Archive): Walk {
  let left: number = xmlLimits.elements
  return (part, listener) => {
    const bytes = archive.open(part)
    if (!bytes) throw refused(`no workbook: ${part} is missing`)
    const xml = decodeUtf8(bytes).replace(/^\ufeff/, '')
    requireShortStretches(xml, part)
    read(xml, part, listener, () => {
      left -= 1
      if (left < 0) throw sheetLimit(`more than ${xmlLimits.elements} elements`)
    })
  }
}

function read(xml: string, part: string, { open, text, close }: Listener, count: () => void): void {
  const parser = new SaxesParser()
  let [depth, attributes] = [0, 0]
  parser.on('error', (cause) => {
    throw refused(`${part} is not XML`, cause)
  })
  parser.on('doctype', () => {
    throw refused(`${part} has a document type`)
  })
  parser.on('opentagstart', () => {
    attributes = 0
    depth += 1
    if (depth > xmlLimits.depth) throw sheetLimit(`${part} is deeper than ${xmlLimits.depth} elements`)
    count()
  })
  parser.on('attribute', () => {
    attributes += 1
    if (attributes > xmlLimits.attributes)
      throw sheetLimit(`${part} has an element of more than ${xmlLimits.attributes} attributes`)
  })
  parser.on('opentag', ({ name, attributes: given }) => open(localName(name), plain(given)))
  parser.on('closetag', ({ name }) => {
    depth -= 1
    close?.(localName(name))
  })
  if (text) {
    parser.on('text', text)
    parser.on('cdata', text)
  }
  parser.write(xml).close()
}

function requireShortStretches(xml: string, part: string): void {
  for (let at = 0; at < xml.length; ) {
    const next = xml.indexOf('<', at)
    const end = next === -1 ? xml.length : next
    if (end - at > xmlLimits.stretch)
      throw sheetLimit(`${part} has ${end - at} characters without an element between them`)
    at = end + 1
  }
}

function refused(message: string, cause?: Error): ProtocolError {
  return new ProtocolError('FILE_TYPE_REFUSED', message, cause === undefined ? {} : { cause })
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function plain(attributes: Readonly<Record<string, string | SaxesAttributePlain>>): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.value,
    ]),
  )
}
