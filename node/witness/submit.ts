import { decodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { verifyCosignature } from '../../protocol/log/cosignature.ts'
import { isSize } from '../../protocol/log/merkle.ts'
import { formatOffer } from '../../protocol/log/offer.ts'
import { type NoteSignature, parseSignatureLines } from '../../protocol/log/signature-line.ts'
import { proveConsistency, tilesForConsistency } from '../../protocol/log/tree.ts'
import { type Cosigned, isWithin } from '../../protocol/trust/cosigner.ts'
import type { TrustedCosigner } from '../../protocol/trust/trust.ts'
import type { Database } from '../store/database.ts'
import { readTiles } from '../store/log-store.ts'

/** Sends an offer and gives the answer, whatever its status. Fails where there is none. */
export type Post = (url: string, text: string, signal: AbortSignal) => Promise<PostAnswer>

export interface PostAnswer {
  readonly status: number
  readonly type: string
  readonly bytes: Uint8Array
}

export interface Submission {
  readonly database: Database
  readonly post: Post
  readonly logId: number
  readonly cosigner: TrustedCosigner
  readonly size: number
  readonly text: string
  readonly note: string
  /** The size that this witness cosigned last, as far as it is known here. */
  readonly old: number
  readonly signal: AbortSignal
}

export type Submitted =
  | { readonly kind: 'cosigned'; readonly line: NoteSignature; readonly cosigned: Cosigned }
  /** The witness has cosigned more than was offered. */
  | { readonly kind: 'ahead'; readonly size: number }

/**
 * Offers one checkpoint to one witness, a second time from the size that it names with 409. The path is made from stored tiles. Of
 * its answer that line counts alone which verifies with the registry's key of this witness.
 *
 * @throws {ProtocolError} `PEER_UNAVAILABLE` — it refuses, or answers what is no answer; `NOTE_MALFORMED` `CHECKPOINT_SIGNATURE_INVALID`,
 *   and what `post` and the store throw
 * @see spec/witness.md, WIT-32 and WIT-33
 */
export async function submitOffer(submission: Submission): Promise<Submitted> {
  let { old } = submission
  for (let attempt = 1; ; attempt += 1) {
    const answer = await postOffer(submission, old)
    if (answer.status === 200) return openAnswer(submission, answer)
    if (answer.status !== 409 || attempt > 1) throw refused(answer)
    const size = readSize(answer)
    if (size > submission.size) return { kind: 'ahead', size }
    old = size
  }
}

async function postOffer(submission: Submission, old: number): Promise<PostAnswer> {
  const { database, post, logId, cosigner, size, note, signal } = submission
  const tiles = old === 0 ? [] : tilesForConsistency(old, size)
  const read = await database.run((queries) => readTiles(queries, logId, tiles))
  const path = old === 0 ? [] : proveConsistency(old, size, read)
  const url = `${cosigner.member.endpoints.base}/witness/add-checkpoint`
  return post(url, formatOffer({ old, path, note }), signal)
}

function openAnswer({ cosigner, text }: Submission, { bytes }: PostAnswer): Submitted {
  const { key } = cosigner
  const line = parseSignatureLines(decodeUtf8(bytes)).find(
    ({ name, id }) => name === key.name && id === key.id,
  )
  if (!line) throw new ProtocolError('PEER_UNAVAILABLE', 'the witness answers with lines of others alone')
  const time = verifyCosignature(text, line, key.key)
  if (!isWithin(cosigner, time))
    throw new ProtocolError('KEY_NOT_VALID_AT_TIME', 'the witness dates its line outside its own time', {
      evidence: { time },
    })
  return { kind: 'cosigned', line, cosigned: { cosigner, time } }
}

function readSize(answer: PostAnswer): number {
  const [, digits] =
    /^(0|[1-9]\d{0,15})\n$/.exec(answer.bytes.length > 20 ? '' : decodeUtf8(answer.bytes)) ?? []
  if (!answer.type.startsWith('text/x.tlog.size') || digits === undefined || !isSize(Number(digits)))
    throw refused(answer)
  return Number(digits)
}

function refused({ status }: PostAnswer): ProtocolError {
  return new ProtocolError('PEER_UNAVAILABLE', 'the witness refuses the checkpoint', { evidence: { status } })
}
