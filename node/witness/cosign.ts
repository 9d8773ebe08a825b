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
import { createLogClocks, type LogClock } from '../log/clock.ts'
import type { Database } from '../store/database.ts'
import { findLog, type StoredLog } from '../store/log-store.ts'
import {
  lockWitness,
  noteSightings,
  readWitness,
  storeWitness,
  type WitnessState,
} from '../store/witness-store.ts'
import { createQueues } from './queue.ts'

export interface WitnessOptions {
  readonly deps: Pick<Deps, 'now' | 'monotonic'>
  readonly database: Database
  readonly trust: () => Trust
  /** The origin of this node's own log, which it does not witness. */
  readonly own: string
  /** Of this witness: `<authority><base>/witness`. */
  readonly name: string
  /** The key of this name that counts at a time in POSIX seconds. */
  readonly signerAt: (time: number) => Promise<Signer>
  /** Told of each offer that the log's own key signed, whatever is answered. */
  readonly onSigned: () => void
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

/**
 * The call `add-checkpoint` (C2SP tlog-witness). Whatever was answered was committed before; a crash in between leaves a state that
 * the log is told with 409.
 *
 * What the committed state answers is answered from it. Only what would advance it takes a turn, of which there are few: else whoever
 * repeats an old checkpoint, which is public, kept the log from its witness. Two offers of one log that advance it are judged one after
 * the other, in this process by turn and in the database by the lock on its row: no two answers are over trees that do not contain
 * each other.
 *
 * @throws {ProtocolError} from the call: `OFFER_MALFORMED` and the codes of the note, `NOT_FOUND`, `CHECKPOINT_SIGNATURE_INVALID`
 *   `KEY_NOT_VALID_AT_TIME` `BEYOND_CLOSE` `LOG_EQUIVOCATION`, `CONSISTENCY_INVALID`, `CLOCK_WENT_BACK` `TIME_IN_FUTURE`,
 *   `RATE_LIMITED`, and those of the store
 * @see spec/witness.md, WIT-20 to WIT-26
 */
export function createWitness(options: WitnessOptions): (body: Uint8Array) => Promise<WitnessAnswer> {
  const inQueue = createQueues<WitnessAnswer>()
  const witness = { ...options, clockOf: createLogClocks(options.deps) }
  return async (body) => {
    const { checkpoint, ...offer } = parseOffer(body)
    const { origin, size } = checkpoint
    const log = checkSigned(options, checkpoint, offer)
    options.onSigned()
    if (offer.old > size)
      throw new ProtocolError('OFFER_MALFORMED', 'not an offer: the old size is larger than the new one')
    const judged = { log, checkpoint, offer }
    const { answer: known } = await look(witness, judged)
    const work = `${offer.old}\n${parseNote(offer.note).text}`
    const answer = known ?? (await inQueue(origin, work, () => advance(witness, judged)))
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

type Witness = WitnessOptions & { readonly clockOf: (origin: string) => LogClock }

/** What the committed state says to an offer: an answer, or what has to be signed. */
type Look =
  | { readonly answer: WitnessAnswer }
  | { readonly answer?: never; readonly state: WitnessState; readonly signer: Signer; readonly time: number }

async function look(witness: Witness, judged: Judged): Promise<Look> {
  const { origin, size } = judged.checkpoint
  const { state, held } = await witness.database.run(async (queries) => ({
    state: await readWitness(queries, origin),
    held: await findLog(queries, origin),
  }))
  const conflict = judge(witness, judged, { state, held })
  if (conflict) return { answer: conflict }
  const now = Math.floor(witness.deps.now() / 1000)
  const { publicKey } = await witness.signerAt(now)
  const said = hasLineOf(state.note, verifierKeyOf(witness.name, publicKey, 0x04))
  if (said && size === state.size && now < state.time + sameAnswerFor)
    return { answer: { kind: 'cosigned', lines: linesOf(witness, state.note) } }
  // What another key was made to say of the time, this one need not repeat.
  const time = witness.clockOf(origin).nextTime(said ? state.time : 0)
  return { state, signer: await witness.signerAt(time), time }
}

/** Signed before the lock, since a program that holds the key may take its time; what changed meanwhile is judged again. */
async function advance(witness: Witness, judged: Judged): Promise<WitnessAnswer> {
  for (;;) {
    const seen = await look(witness, judged)
    if (seen.answer) return seen.answer
    const cosigned = await cosign(witness, judged, seen)
    if (await storeUnlessChanged(witness, judged, { seen, cosigned }))
      return { kind: 'cosigned', lines: linesOf(witness, cosigned.note) }
  }
}

/** Committed before anybody is answered: what leaves the house is never more than what is known here. */
function storeUnlessChanged(
  witness: Witness,
  judged: Judged,
  {
    seen,
    cosigned,
  }: { readonly seen: Exclude<Look, { answer: WitnessAnswer }>; readonly cosigned: WitnessState },
): Promise<boolean> {
  const { origin, size } = judged.checkpoint
  return witness.database.transaction(async (tx) => {
    const state = await lockWitness(tx, origin)
    if (state.size !== seen.state.size || state.note !== seen.state.note || state.time !== seen.state.time)
      return false
    const held = await findLog(tx, origin)
    if (judge(witness, judged, { state, held })) return false
    await storeWitness(tx, origin, cosigned)
    const { multibase } = seen.signer.publicKey
    const asked = witnessesFor(witness.trust(), origin).some(({ key }) => key.key.multibase === multibase)
    if (held && asked) await noteSightings(tx, held.id, [{ key: multibase, size, time: cosigned.time }])
    return true
  })
}

/** @returns what is answered where the offer does not begin where this witness ended */
function judge(
  options: WitnessOptions,
  { log, checkpoint, offer }: Judged,
  { state, held }: { readonly state: WitnessState; readonly held: StoredLog | undefined },
): WitnessAnswer | undefined {
  if (held?.state === 'halted' && held.fault?.code === 'LOG_EQUIVOCATION')
    throw new ProtocolError('LOG_EQUIVOCATION', 'the key of this log signed two histories')
  if (offer.old !== state.size) return { kind: 'conflict', size: state.size }
  for (const known of [state.note, held?.pending ?? ''])
    if (known !== '') refuseSecondRoot(options, checkpoint, [known, offer.note])
  checkClosedRoot(log, checkpoint)
  verifyConsistency({
    oldSize: state.size,
    oldRoot: state.root,
    newSize: checkpoint.size,
    newRoot: checkpoint.root,
    path: offer.path,
  })
  return undefined
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
