import { ProtocolError } from '../protocol/error.ts'
import { type Digest, isDigest } from '../protocol/hash.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../protocol/json-value.ts'
import { parseHead } from '../protocol/log/checkpoint.ts'
import { type Tier, tiers } from '../protocol/log/entry.ts'
import { maxNoteBytes } from '../protocol/log/note.ts'
import { type Client, countOf, parseAnswer, textOf } from './client.ts'

/** Which logs have a say about an agreement, and from where on, by the word of the node. */
export interface AgreementPlace {
  readonly agreement: string
  readonly digest: Digest
  readonly contains: Tier
  /** The project of a pair, or the group. */
  readonly audience?: string
  readonly logs: readonly LogPlace[]
  /** Digests of files that the agreement rests on. */
  readonly files: readonly Digest[]
  readonly mappingSalt?: string
}

export interface LogPlace {
  readonly origin: string
  readonly from: number
  /** Index from which its records are needed, too: `from`, or a later one. */
  readonly recordsFrom: number
  /** Below the base URL. */
  readonly path: string
  /** In which the other party says what it holds of this log. */
  readonly notes: readonly string[]
}

const maxAnswerBytes = 1 << 20
const maxLogs = 64
const maxFiles = 64
const maxNotes = 32

/**
 * Asks a node what the evidence about an agreement is made of.
 *
 * @param digest of one version, where several were proposed under one id
 * @throws {ProtocolError} `NOT_FOUND` `PAGE_MALFORMED`, and what the client throws
 */
export async function locateAgreement(
  client: Client,
  id: string,
  digest: Digest | undefined,
): Promise<AgreementPlace> {
  const query = digest === undefined ? '' : `?digest=${digest}`
  const path = `/api/v1/agreements/${encodeURIComponent(id)}/evidence${query}`
  const answer = parseAnswer(await client.call(path, { maxBytes: maxAnswerBytes }))
  const place = readPlace(answer)
  if (place.agreement !== id || (digest !== undefined && place.digest !== digest))
    throw malformed('about another agreement')
  return place
}

function readPlace(answer: JsonObject): AgreementPlace {
  const contains = tiers.find((tier) => tier === answer.contains)
  if (!contains) throw malformed('for no readers that are known')
  const salt = answer.mappingSalt
  if (salt !== undefined && (typeof salt !== 'string' || !/^[0-9a-f]{64}$/.test(salt)))
    throw malformed('a salt that is none')
  return {
    agreement: textOf(answer, 'agreement'),
    digest: readDigest(answer.digest),
    contains,
    ...(answer.audience === undefined ? {} : { audience: textOf(answer, 'audience') }),
    logs: readLogs(answer.logs),
    files: readList(answer.files, maxFiles).map(readDigest),
    ...(salt === undefined ? {} : { mappingSalt: salt }),
  }
}

/** In the order in which a file has them. */
function readLogs(value: JsonValue | undefined): readonly LogPlace[] {
  const logs = readList(value, maxLogs).map((log) => {
    if (!isJsonObject(log)) throw malformed('a log that is none')
    const path = textOf(log, 'path')
    if (!/^(?:\/[a-z0-9-]+)+$/.test(path)) throw malformed('not a place below its own address')
    const notes = log.notes === undefined ? [] : readList(log.notes, maxNotes).map(readNote)
    const from = countOf(log, 'from')
    const recordsFrom = log.records === undefined ? from : Math.max(from, countOf(log, 'records'))
    return { origin: textOf(log, 'origin'), from, recordsFrom, path, notes }
  })
  if (logs.length === 0 || new Set(logs.map(({ origin }) => origin)).size < logs.length)
    throw malformed('no log, or one that stands twice')
  return logs.toSorted((a, b) => (a.origin < b.origin ? -1 : 1))
}

function readList(value: JsonValue | undefined, most: number): readonly JsonValue[] {
  if (!Array.isArray(value) || value.length > most) throw malformed(`no list of at most ${most}`)
  return value
}

function readNote(value: JsonValue | undefined): string {
  if (typeof value !== 'string' || value.length > maxNoteBytes) throw malformed('no note where one is needed')
  try {
    parseHead(value)
    return value
  } catch (error) {
    if (error instanceof ProtocolError) throw malformed('a note that cannot be read')
    throw error
  }
}

function readDigest(value: JsonValue | undefined): Digest {
  if (typeof value === 'string' && isDigest(value)) return value
  throw malformed('no digest where one is needed')
}

function malformed(message: string): ProtocolError {
  return new ProtocolError('PAGE_MALFORMED', `an answer of the node: ${message}`)
}
