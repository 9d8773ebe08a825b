import { equalBytes } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { Signer } from '../../protocol/key.ts'
import { type Checkpoint, openCheckpoint, parseHead } from '../../protocol/log/checkpoint.ts'
import { signCosignature } from '../../protocol/log/cosignature.ts'
import { verifyConsistency } from '../../protocol/log/merkle.ts'
import { formatNote, parseNote, type VerifierKey, verifierKeyOf } from '../../protocol/log/note.ts'
import { type Offer, parseOffer } from '../../protocol/log/offer.ts'
import { formatSignatureLines, type NoteSignature } from '../../protocol/log/signature-line.ts'
import { witnessesFor } from '../../protocol/trust/cosigner.ts'
import type { Trust, TrustedLog } from '../../protocol/trust/trust.ts'
import { checkClosedRoot, logKeysAt } from '../../protocol/trust/validity.ts'
import type { Deps } from '../deps.ts'
import type { Queries } from '../store/connection.ts'
import type { Database } from '../store/database.ts'
import { findLog } from '../store/log-store.ts'
import { lockWitness, noteSightings, storeWitness, type WitnessState } from '../store/witness-store.ts'

export interface WitnessOptions {
  readonly deps: Pick<Deps, 'now' | 'logger'>
  readonly database: Database
  readonly trust: () => Trust
  /** The origin of this node's own log, which it does not witness. */
  readonly own: string
  /** Of this witness: `<authority><base>/witness`. */
  readonly name: string
  /** The key of this name that counts at a time in POSIX seconds. */
  readonly signerAt: (time: number) => Promise<Signer>
  /** Told of each offer that was answered, as it was offered: there may be more to have than is held. */
  readonly onCosigned: (origin: string, note: string) => void
  /** Told of two notes by a key of the log over one size and two roots. */
  readonly onContradiction: (origin: string, notes: readonly [string, string]) => void
}

export type WitnessAnswer =
  /** The line or lines to answer. */
  | { readonly kind: 'cosigned'; readonly lines: string }
  /** The offer does not begin where this witness ended. */
  | { readonly kind: 'conflict'; readonly size: number }

/** For this long the same tree gets the same line, so that whoever repeats an offer costs neither a signature nor a write. Seconds. */
const sameAnswerFor = 60
/** Of one log: those that came while one is judged. */
const mostWaiting = 8

/**
 * The call `add-checkpoint` (C2SP tlog-witness). Whatever was answered was committed before; a crash in between leaves a state that
 * the log is told with 409.
 *
 * Two offers of one log are judged one after the other, in this process by turn and in the database by the lock on its row: no two
 * answers are over trees that do not contain each other.
 *
 * @throws {ProtocolError} from the call: `OFFER_MALFORMED` and the codes of the note, `NOT_FOUND`, `CHECKPOINT_SIGNATURE_INVALID`
 *   `KEY_NOT_VALID_AT_TIME` `BEYOND_CLOSE` `LOG_EQUIVOCATION`, `CONSISTENCY_INVALID`, `RATE_LIMITED`, and those of the store
 * @see spec/witness.md, WIT-20 to WIT-26
 */
export function createWitness(options: WitnessOptions): (body: Uint8Array) => Promise<WitnessAnswer> {
  const turns = createTurns()
  return async (body) => {
    const { checkpoint, ...offer } = parseOffer(body)
    const { origin, size } = checkpoint
    const log = checkSigned(options, checkpoint, offer)
    if (offer.old > size)
      throw new ProtocolError('OFFER_MALFORMED', 'not an offer: the old size is larger than the new one')
    const answer = await turns(origin, () =>
      options.database.transaction((tx) => judge(options, tx, { log, checkpoint, offer })),
    )
    if (answer.kind === 'cosigned') options.onCosigned(origin, offer.note)
    return answer
  }
}

/** A log of the registry, signed by its key for this size. The lines of others are not looked at. */
function checkSigned({ trust, own }: WitnessOptions, checkpoint: Checkpoint, { note }: Offer): TrustedLog {
  const { origin, size } = checkpoint
  const { logs } = trust()
  const log = logs.get(origin)
  if (!log || log.member.id === logs.get(own)?.member.id)
    throw new ProtocolError('NOT_FOUND', 'this witness does not know the log')
  const { closed } = log.log
  openCheckpoint(note, { origin, keys: logKeysAt(log, size) })
  if (closed && size < closed.size)
    throw new ProtocolError('BEYOND_CLOSE', 'the registry closed this log: only the closed tree counts')
  return log
}

interface Judged {
  readonly log: TrustedLog
  readonly checkpoint: Checkpoint
  readonly offer: Offer
}

async function judge(
  options: WitnessOptions,
  tx: Queries,
  { log, checkpoint, offer }: Judged,
): Promise<WitnessAnswer> {
  const { origin, size, root } = checkpoint
  const state = await lockWitness(tx, origin)
  const held = await findLog(tx, origin)
  if (held?.state === 'halted' && held.fault?.code === 'LOG_EQUIVOCATION')
    throw new ProtocolError('LOG_EQUIVOCATION', 'the key of this log signed two histories')
  if (offer.old !== state.size) return { kind: 'conflict', size: state.size }
  for (const known of [state.note, held?.pending ?? ''])
    if (known !== '') refuseSecondRoot(options, checkpoint, [known, offer.note])
  checkClosedRoot(log, checkpoint)
  verifyConsistency({
    oldSize: state.size,
    oldRoot: state.root,
    newSize: size,
    newRoot: root,
    path: offer.path,
  })
  const now = Math.floor(options.deps.now() / 1000)
  const time = Math.max(now, state.time)
  const signer = await options.signerAt(time)
  const key = verifierKeyOf(options.name, signer.publicKey, 0x04)
  const again = size === state.size && now < state.time + sameAnswerFor
  if (again && hasLineOf(state.note, key)) return { kind: 'cosigned', lines: linesOf(options, state.note) }
  const cosigned = await cosign(options, { log, checkpoint, offer }, { signer, time })
  // Committed before anybody is answered: what leaves the house is never more than what is known here.
  await storeWitness(tx, origin, cosigned)
  const { multibase } = signer.publicKey
  const asked = witnessesFor(options.trust(), origin).some(
    (witness) => witness.key.key.multibase === multibase,
  )
  if (held && asked) await noteSightings(tx, held.id, [{ key: multibase, size, time }])
  return { kind: 'cosigned', lines: linesOf(options, cosigned.note) }
}

/** Two roots of one size under the log's signature are proof by themselves, for whoever has its key. */
function refuseSecondRoot(
  { onContradiction }: WitnessOptions,
  { origin, size, root }: Checkpoint,
  notes: readonly [string, string],
): void {
  const known = parseHead(notes[0])
  if (known.size !== size || equalBytes(known.root, root)) return
  onContradiction(origin, notes)
  throw new ProtocolError('CONSISTENCY_INVALID', 'the log signed another root for this size', {
    evidence: { size },
  })
}

/** The note keeps the log's own lines and this witness's, so that it says nothing that was not looked at. */
async function cosign(
  { name }: WitnessOptions,
  { log, checkpoint: { size, root }, offer }: Judged,
  { signer, time }: { readonly signer: Signer; readonly time: number },
): Promise<WitnessState> {
  const { text, signatures } = parseNote(offer.note)
  const keys = logKeysAt(log, size)
  const ofLog = signatures.filter((line) => keys.some((key) => key.name === line.name && key.id === line.id))
  const line = await signCosignature(text, { name, signer, timestamp: time })
  return { size, root, note: formatNote({ text, signatures: [...uniqueLines(ofLog), line] }), time }
}

function uniqueLines(lines: readonly NoteSignature[]): readonly NoteSignature[] {
  return lines.filter(({ id }, i) => lines.findIndex((other) => other.id === id) === i)
}

function linesOf({ name }: WitnessOptions, note: string): string {
  return formatSignatureLines(parseNote(note).signatures.filter((line) => line.name === name))
}

function hasLineOf(note: string, { name, id }: VerifierKey): boolean {
  return note !== '' && parseNote(note).signatures.some((line) => line.name === name && line.id === id)
}

/** One after the other for each log, so that the offers of one cannot take all connections to the database. */
function createTurns(): <T>(origin: string, work: () => Promise<T>) => Promise<T> {
  const queues = new Map<string, { waiting: number; last: Promise<unknown> }>()
  return async (origin, work) => {
    const queue = queues.get(origin) ?? { waiting: 0, last: Promise.resolve() }
    if (queue.waiting >= mostWaiting)
      throw new ProtocolError('RATE_LIMITED', 'too many offers of this log at once')
    queues.set(origin, queue)
    queue.waiting += 1
    const turn = queue.last.then(work, work)
    queue.last = turn.catch(() => {})
    try {
      return await turn
    } finally {
      queue.waiting -= 1
      if (queue.waiting === 0) queues.delete(origin)
    }
  }
}
