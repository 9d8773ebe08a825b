import { decodeUtf8 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import { quorumTime } from '../../protocol/log/policy.ts'
import { asksForWitnesses, quorumFor, witnessesFor } from '../../protocol/trust/cosigner.ts'
import type { Member } from '../../protocol/trust/registry.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { openWithTrust } from '../../protocol/verify-checkpoint.ts'
import type { Deps } from '../deps.ts'
import type { PeerClient } from './client.ts'
import { fetchLimits } from './source.ts'

export interface NewestOptions {
  readonly deps: Pick<Deps, 'logger'>
  readonly trust: Trust
  readonly client: PeerClient
  /** The origin of this node's own log. */
  readonly own: string
  readonly signal: AbortSignal
}

/** A note of the own log, by its own key, that a member shows. */
export interface ShownNote {
  readonly member: Member
  readonly note: string
}

export interface Heard {
  /** The largest first. */
  readonly shown: readonly ShownNote[]
  /** Keys of the witnesses that answered, with a note or with nothing. */
  readonly witnesses: ReadonlySet<string>
  /** Members that answered what they hold. */
  readonly members: ReadonlySet<Member>
}

/** Milliseconds for all answers together: nobody can draw out a start. */
const patience = 3_000

/**
 * Asks every witness of the registry what it cosigned of the own log last, and every member what it holds of it, all at once. What
 * counts is a note by the log's own key, or 404; everything else is silence.
 *
 * @see spec/sync.md, SYNC-600
 */
export async function askWhatIsNewest(options: NewestOptions): Promise<Heard> {
  const { trust, own } = options
  const self = trust.logs.get(own)?.member.id
  const shown: ShownNote[] = []
  const witnesses = new Set<string>()
  const members = new Set<Member>()
  const ask = async (member: Member, as: 'witness' | 'mirror', heard: () => void) => {
    const note = await fetchNote(options, member, as)
    if (note === undefined) return
    heard()
    if (note !== '') shown.push({ member, note })
  }
  const others = [...trust.members.values()].filter(({ id }) => id !== self)
  const watching = [...trust.cosigners.values()].filter(
    ({ member, key }) => member.id !== self && key.name.endsWith('/witness'),
  )
  await Promise.all([
    ...watching.map(({ member, key }) => ask(member, 'witness', () => witnesses.add(key.key.multibase))),
    ...others.map((member) => ask(member, 'mirror', () => members.add(member))),
  ])
  shown.sort((a, b) => parseHead(b.note).size - parseHead(a.note).size)
  return { shown, witnesses, members }
}

/** @returns an empty text: it has nothing; `undefined`: it did not answer */
async function fetchNote(
  { deps, trust, client, own, signal }: NewestOptions,
  { id, endpoints }: Member,
  as: 'witness' | 'mirror',
): Promise<string | undefined> {
  try {
    const url = `${endpoints.base}/${as}/${sha256Hex(own)}/checkpoint`
    const { status, bytes } = await client.get(url, { ...fetchLimits.checkpoint, timeout: patience, signal })
    if (status !== 200) return ''
    const note = decodeUtf8(bytes)
    openWithTrust(note, own, trust)
    return note
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    deps.logger.debug({ member: id, as, code: error.code }, 'no answer about the own log')
    return undefined
  }
}

/**
 * Whether those who answered prove that no tree beyond theirs can have had the quorum of the policy: the silent ones cannot make it
 * without them. Where this node remembers by itself that it signed nothing more (`kept`), more than half of the other members stand in
 * for witnesses that are away.
 *
 * @see spec/sync.md, SYNC-601 — why this number
 */
export function isEnough(
  trust: Trust,
  own: string,
  { witnesses, members, kept }: Pick<Heard, 'witnesses' | 'members'> & { readonly kept: boolean },
): boolean {
  const quorum = asksForWitnesses(trust) ? quorumFor(trust, own) : undefined
  if (!quorum) return true
  const silent = ({ key }: { readonly key: { readonly multibase: string } }) =>
    witnesses.has(key.multibase) ? undefined : 0
  if (quorumTime(quorum, silent) === undefined) return true
  const apart = new Set([
    trust.logs.get(own)?.member,
    ...witnessesFor(trust, own).map(({ member }) => member),
  ])
  const others = [...trust.members.values()].filter((member) => !apart.has(member))
  return kept && others.filter((member) => members.has(member)).length * 2 > others.length
}
