import { ProtocolError } from '../protocol/error.ts'
import { type Digest, digestOf, isDigest } from '../protocol/hash.ts'
import { parseJson } from '../protocol/json.ts'
import { isJsonObject, type JsonObject } from '../protocol/json-value.ts'
import { parseHead } from '../protocol/log/checkpoint.ts'
import { maxRecordBytes } from '../protocol/record/schema.ts'
import { type Client, countOf, parseAnswer, textOf } from './client.ts'
import type { LogReader } from './log-reader.ts'

/** Where a record stands, by the word of the node. */
export interface RecordPlace {
  readonly id: string
  readonly digest: Digest
  readonly origin: string
  readonly index: number
  /** Below the base URL. */
  readonly path: string
  readonly tier: string
  readonly type: string
}

/**
 * Asks a node where a record stands, by its digest or its id.
 *
 * @throws {ProtocolError} `NOT_FOUND` `PAGE_MALFORMED`, and what the client throws
 */
export async function locateRecord(client: Client, name: string): Promise<RecordPlace> {
  const path = isDigest(name) ? `/api/v1/records/${name}` : `/api/v1/records?id=${encodeURIComponent(name)}`
  const place = readPlace(client, await client.call(path, { maxBytes: 65_536 }))
  if (place.digest !== name && place.id !== name)
    throw new ProtocolError('PAGE_MALFORMED', 'an answer of the node: about another record')
  return place
}

/**
 * Where the receipt of an act of a pair stands, in whatever log it was logged; `undefined`: the node knows of none.
 *
 * @throws {ProtocolError} `PAGE_MALFORMED`, and what the client throws
 */
export async function locateReceipt(client: Client, digest: Digest): Promise<RecordPlace | undefined> {
  const found = await client.find(`/api/v1/records?receiptOf=${digest}`, { maxBytes: 65_536 })
  return found && readPlace(client, found)
}

function readPlace(client: Client, bytes: Uint8Array): RecordPlace {
  const answer = parseAnswer(bytes)
  const [digest, log] = [textOf(answer, 'digest'), textOf(answer, 'log')]
  const below = log.startsWith(`${client.base}/`) ? log.slice(client.base.length) : log
  if (!isDigest(digest) || !/^(?:\/[a-z0-9-]+)+$/.test(below))
    throw new ProtocolError('PAGE_MALFORMED', 'an answer of the node: not a place below its own address')
  return {
    id: textOf(answer, 'id'),
    digest,
    origin: textOf(answer, 'origin'),
    index: countOf(answer, 'index'),
    path: below,
    tier: answer.tier === undefined ? 'public' : textOf(answer, 'tier'),
    type: answer.type === undefined ? '' : textOf(answer, 'type'),
  }
}

/**
 * The exact bytes of one record.
 *
 * @throws {ProtocolError} `DIGEST_MISMATCH` — the node gave something else; and what the client throws
 */
export async function fetchRecord(client: Client, digest: Digest): Promise<Uint8Array> {
  const bytes = await client.call(`/records/${digest}`, { maxBytes: maxRecordBytes })
  if (digestOf(bytes) !== digest)
    throw new ProtocolError('DIGEST_MISMATCH', 'the node gave other bytes than those asked for', {
      evidence: { asked: digest, given: digestOf(bytes) },
    })
  return bytes
}

/** The one with the quorum, where it covers the record. */
export async function fetchNote(reader: LogReader, index: number): Promise<string> {
  const witnessed = await reader.fetchWitnessed()
  return witnessed !== undefined && parseHead(witnessed).size > index ? witnessed : reader.fetchCheckpoint()
}

export function asObject(bytes: Uint8Array): JsonObject {
  const value = parseJson(bytes, maxRecordBytes)
  if (!isJsonObject(value)) throw new ProtocolError('PAGE_MALFORMED', 'a record is a JSON object')
  return value
}
