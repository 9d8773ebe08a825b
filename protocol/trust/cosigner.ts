import { ProtocolError } from '../error.ts'
import type { OpenedCheckpoint } from '../log/checkpoint.ts'
import type { VerifierKey } from '../log/note.ts'
import { type Quorum, quorumTime, quorumWithout, witnessesIn } from '../log/policy.ts'
import type { NoteSignature } from '../log/signature-line.ts'
import type { Sighting } from './log-time.ts'
import type { Trust, TrustedCosigner } from './trust.ts'

/** A cosignature that holds, of a cosigner whose word counted at its time. */
export interface Cosigned {
  readonly cosigner: TrustedCosigner
  /** POSIX seconds: the cosigner's own word. */
  readonly time: number
}

/** A policy that is satisfied. */
export interface Witnessed {
  /** POSIX seconds: since when the quorum is there, and the newest word in it. */
  readonly since: number
  readonly latest: number
  /** The witnesses of the policy that cosigned, in its order. */
  readonly by: readonly Cosigned[]
}

/** Every key whose line in a note is judged. */
export function cosignerKeys({ cosigners }: Trust): readonly VerifierKey[] {
  return [...cosigners.values()].map(({ key }) => key)
}

/**
 * The cosignatures of an opened note that count: the key is one of the registry's, and its range of time has the cosignature's own.
 * A bad signature under such a key has refused the whole note before; a stranger's line counts for nothing.
 *
 * @see spec/witness.md, WIT-10 and WIT-11
 */
export function cosignaturesIn(trust: Trust, { signatures }: OpenedCheckpoint): readonly Cosigned[] {
  return signatures.flatMap(({ key, timestamp }) => {
    const cosigner = trust.cosigners.get(key.key.multibase)
    if (!cosigner || timestamp === undefined || !isWithin(cosigner, timestamp)) return []
    return [{ cosigner, time: timestamp }]
  })
}

export function isWithin({ from, to }: TrustedCosigner, time: number): boolean {
  return from <= time && (to === undefined || time < to)
}

/** Whether the registry asks for anybody beside the log. */
export function asksForWitnesses({ policy }: Trust): boolean {
  return policy !== undefined && policy.quorum.kind !== 'none'
}

/**
 * The quorum for one log: that of the policy without the cosigners of the log's own member, who are no witnesses of themselves.
 *
 * @returns `undefined`: nobody is left to witness this log
 * @see spec/witness.md, WIT-12
 */
export function quorumFor(trust: Trust, origin: string): Quorum | undefined {
  const owner = trust.logs.get(origin)?.member.id
  return quorumWithout(
    trust.policy?.quorum ?? { kind: 'none' },
    ({ key }) => trust.cosigners.get(key.multibase)?.member.id === owner,
  )
}

/** Who is asked to witness a log, by the policy. */
export function witnessesFor(trust: Trust, origin: string): readonly TrustedCosigner[] {
  const quorum = quorumFor(trust, origin)
  return witnessesIn(quorum ?? { kind: 'none' }).flatMap(
    ({ key }) => trust.cosigners.get(key.multibase) ?? [],
  )
}

/**
 * Whether the policy of the registry is satisfied by an opened note, by whom and since when. Proves that they said so; they may all
 * be wrong together, and what they have not seen they say nothing of.
 *
 * @returns `undefined`: it is not, or asks for nobody
 * @see spec/witness.md, WIT-10 to WIT-12
 */
export function findWitnesses(trust: Trust, opened: OpenedCheckpoint): Witnessed | undefined {
  const quorum = asksForWitnesses(trust) ? quorumFor(trust, opened.checkpoint.origin) : undefined
  if (!quorum) return undefined
  const times = new Map(cosignaturesIn(trust, opened).map((line) => [line.cosigner.key.key.multibase, line]))
  const since = quorumTime(quorum, ({ key }) => times.get(key.multibase)?.time)
  if (since === undefined) return undefined
  const by = witnessesIn(quorum).flatMap(({ key }) => times.get(key.multibase) ?? [])
  return { since, latest: Math.max(...by.map(({ time }) => time)), by }
}

/** @throws {ProtocolError} `NOT_WITNESSED` — could not be checked: with more cosignatures it may be satisfied */
export function requireWitnesses(trust: Trust, opened: OpenedCheckpoint): Witnessed {
  const witnessed = findWitnesses(trust, opened)
  if (witnessed) return witnessed
  const { origin, size } = opened.checkpoint
  const there = new Set(cosignaturesIn(trust, opened).map(({ cosigner }) => cosigner.key.name))
  const missing = witnessesFor(trust, origin)
    .map(({ key }) => key.name)
    .filter((name) => !there.has(name))
  throw new ProtocolError('NOT_WITNESSED', 'those whom the registry asks for have not all seen this tree', {
    evidence: { size, missing: missing.join(' ') },
  })
}

/** That the holder of a member said of a log: everything below this size is durably here. Its own word, verified as its. */
export interface HolderWord {
  /** DID of the member. */
  readonly by: string
  readonly origin: string
  readonly size: number
  /** POSIX seconds. */
  readonly time: number
}

/**
 * Who says by this note that he holds the tree: lines by a holder key of the registry, within its time. A witness says nothing of it.
 *
 * @see spec/witness.md, WIT-50
 */
export function holdersIn(trust: Trust, opened: OpenedCheckpoint): readonly HolderWord[] {
  const { origin, size } = opened.checkpoint
  return holderCosignatures(trust, opened).map(({ cosigner: { member }, time }) => ({
    by: member.id,
    origin,
    size,
    time,
  }))
}

/** The same lines, as they stand in the note, with whose they are. */
export function holderLinesIn(
  trust: Trust,
  opened: OpenedCheckpoint,
): readonly { readonly by: string; readonly line: NoteSignature }[] {
  return holderCosignatures(trust, opened).flatMap(({ cosigner: { key, member } }) => {
    const line = opened.note.signatures.find(({ name, id }) => name === key.name && id === key.id)
    return line ? [{ by: member.id, line }] : []
  })
}

function holderCosignatures(trust: Trust, opened: OpenedCheckpoint): readonly Cosigned[] {
  return cosignaturesIn(trust, opened).filter(({ cosigner: { key } }) => key.name.endsWith('/holder'))
}

/** What a verified note says of the times at which the witnesses of the policy saw its log. */
export function sightingsIn(trust: Trust, opened: OpenedCheckpoint): readonly Sighting[] {
  const { origin, size } = opened.checkpoint
  const asked = new Set(witnessesFor(trust, origin))
  return cosignaturesIn(trust, opened).flatMap(({ cosigner, time }) =>
    asked.has(cosigner) ? [{ key: cosigner.key.key.multibase, size, time }] : [],
  )
}
