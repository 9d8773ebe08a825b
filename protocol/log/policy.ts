import { ProtocolError } from '../error.ts'
import { parseVerifierKey, type VerifierKey } from './note.ts'

/** Who must have cosigned a checkpoint before it counts: the quorum of a policy, or a part of it. */
export type Quorum =
  | { readonly kind: 'none' }
  | { readonly kind: 'witness'; readonly name: string; readonly key: VerifierKey }
  | {
      readonly kind: 'group'
      readonly name: string
      readonly threshold: number
      readonly members: readonly Quorum[]
    }

export interface PolicyKey {
  readonly key: VerifierKey
  readonly url?: string
}

/** A policy in the syntax of C2SP tlog-policy, read. */
export interface Policy {
  readonly logs: readonly PolicyKey[]
  /** Names mean something inside the policy alone; a witness is its key. */
  readonly witnesses: readonly (PolicyKey & { readonly name: string })[]
  readonly quorum: Quorum
}

export const maxPolicyLength = 20_000
/** Lines of each kind; C2SP asks for 32 at the least. */
const maxLines = 64
/** Groups inside each other. With 32 groups no chain is longer. */
const maxDepth = 32

/**
 * Proves the form alone. Whose keys these are, and whether they may witness, is for the registry.
 *
 * @throws {ProtocolError} `POLICY_MALFORMED`, with the line, counted from 1, as the index of its place
 * @see spec/witness.md, WIT-1 to WIT-6 (C2SP tlog-policy)
 */
export function parsePolicy(text: string): Policy {
  if (text.length > maxPolicyLength) throw malformed(1, `more than ${maxPolicyLength} characters`)
  if (!text.endsWith('\n')) throw malformed(text.split('\n').length, 'the last line is not ended')
  const reader = new PolicyReader()
  for (const [i, line] of text.slice(0, -1).split('\n').entries()) reader.readLine(line, i + 1)
  return reader.finish()
}

class PolicyReader {
  private readonly logs: PolicyKey[] = []
  private readonly witnesses: (PolicyKey & { readonly name: string })[] = []
  private readonly defined = new Map<string, { readonly part: Quorum; readonly depth: number }>()
  /** Names that are members of a group already. */
  private readonly taken = new Set<string>()
  private groups = 0
  private lines = 0
  private quorum: Quorum | undefined

  readLine(line: string, number: number): void {
    this.lines = number
    if (!line.isWellFormed() || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(line))
      throw malformed(number, 'a control character, or text that is not Unicode')
    const [keyword, ...words] = line.split(/[ \t]+/).filter((word) => word !== '')
    if (keyword === undefined || keyword.startsWith('#')) return
    if (keyword === 'log') this.readLog(words, number)
    else if (keyword === 'witness') this.readWitness(words, number)
    else if (keyword === 'group') this.readGroup(words, number)
    else if (keyword === 'quorum') this.readQuorum(words, number)
    else throw malformed(number, 'not a log, witness, group or quorum line')
  }

  finish(): Policy {
    if (!this.quorum) throw malformed(this.lines, 'no quorum line')
    return { logs: this.logs, witnesses: this.witnesses, quorum: this.quorum }
  }

  private readLog([vkey, url, ...rest]: readonly string[], line: number): void {
    if (vkey === undefined || rest.length > 0) throw malformed(line, 'a log is a key and perhaps a URL')
    const key = readKey(vkey, 0x01, line)
    this.addKey(this.logs, { key, ...(url === undefined ? {} : { url }) }, line)
  }

  private readWitness([name, vkey, url, ...rest]: readonly string[], line: number): void {
    if (name === undefined || vkey === undefined || rest.length > 0)
      throw malformed(line, 'a witness is a name, a key and perhaps a URL')
    const key = readKey(vkey, 0x04, line)
    this.addKey(this.witnesses, { name, key, ...(url === undefined ? {} : { url }) }, line)
    this.define(name, { part: { kind: 'witness', name, key }, depth: 0 }, line)
  }

  private readGroup([name, threshold, ...names]: readonly string[], line: number): void {
    if (name === undefined || threshold === undefined || names.length === 0)
      throw malformed(line, 'a group is a name, a threshold and at least one member')
    this.groups += 1
    if (this.groups > maxLines) throw malformed(line, `more than ${maxLines} groups`)
    const members = names.map((member) => this.takeMember(member, line))
    const depth = 1 + Math.max(...members.map((member) => member.depth))
    if (depth > maxDepth) throw malformed(line, `more than ${maxDepth} groups inside each other`)
    const part: Quorum = {
      kind: 'group',
      name,
      threshold: readThreshold(threshold, names.length, line),
      members: members.map((member) => member.part),
    }
    this.define(name, { part, depth }, line)
  }

  private readQuorum([name, ...rest]: readonly string[], line: number): void {
    if (name === undefined || rest.length > 0) throw malformed(line, 'a quorum is one name')
    if (this.quorum) throw malformed(line, 'a second quorum line')
    const part: Quorum | undefined = name === 'none' ? { kind: 'none' } : this.defined.get(name)?.part
    if (!part) throw malformed(line, 'the quorum is a name that no line before defines')
    this.quorum = part
  }

  private takeMember(name: string, line: number): { readonly part: Quorum; readonly depth: number } {
    const member = this.defined.get(name)
    if (!member) throw malformed(line, 'a member that no line before defines')
    if (this.taken.has(name)) throw malformed(line, 'a name is a member of one group, and once')
    this.taken.add(name)
    return member
  }

  private define(name: string, what: { readonly part: Quorum; readonly depth: number }, line: number): void {
    if (name === 'none' || this.defined.has(name)) throw malformed(line, 'this name has a meaning already')
    this.defined.set(name, what)
  }

  private addKey<T extends PolicyKey>(list: T[], added: T, line: number): void {
    if (list.some(({ key }) => key.key.multibase === added.key.key.multibase))
      throw malformed(line, 'one public key twice')
    if (list.length === maxLines) throw malformed(line, `more than ${maxLines} lines of one kind`)
    list.push(added)
  }
}

function readKey(text: string, type: 0x01 | 0x04, line: number): VerifierKey {
  let key: VerifierKey
  try {
    key = parseVerifierKey(text)
  } catch (cause) {
    throw malformed(line, 'not a verifier key', cause)
  }
  if (key.type !== type) throw malformed(line, 'a log signs with type 0x01, a witness with type 0x04')
  return key
}

function readThreshold(text: string, members: number, line: number): number {
  if (text === 'all') return members
  if (text === 'any') return 1
  const threshold = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : 0
  if (threshold < 1 || threshold > members)
    throw malformed(line, 'a threshold is `any`, `all`, or a number from 1 to that of the members')
  return threshold
}

/**
 * The time from which a quorum is there, by the time of each witness: of a group, that of the member with which it has its
 * threshold. A quorum of nobody is there from the beginning.
 *
 * @param timeOf of a witness that cosigned, by its key
 * @returns `undefined`: not satisfied
 * @see spec/witness.md, WIT-7
 */
export function quorumTime(
  quorum: Quorum,
  timeOf: (key: VerifierKey) => number | undefined,
): number | undefined {
  if (quorum.kind === 'none') return Number.NEGATIVE_INFINITY
  if (quorum.kind === 'witness') return timeOf(quorum.key)
  const times = quorum.members.flatMap((member) => quorumTime(member, timeOf) ?? [])
  return times.toSorted((a, b) => a - b)[quorum.threshold - 1]
}

/**
 * A quorum as if some witnesses were not in it: a group asks for at most as many members as it has left.
 *
 * @returns `undefined`: nobody is left who could satisfy it
 * @see spec/witness.md, WIT-12
 */
export function quorumWithout(quorum: Quorum, left: (key: VerifierKey) => boolean): Quorum | undefined {
  if (quorum.kind === 'none') return quorum
  if (quorum.kind === 'witness') return left(quorum.key) ? undefined : quorum
  const members = quorum.members.flatMap((member) => quorumWithout(member, left) ?? [])
  if (members.length === 0) return undefined
  return { ...quorum, members, threshold: Math.min(quorum.threshold, members.length) }
}

/** The witnesses that a quorum counts. */
export function witnessesIn(quorum: Quorum): readonly VerifierKey[] {
  if (quorum.kind === 'none') return []
  return quorum.kind === 'witness' ? [quorum.key] : quorum.members.flatMap(witnessesIn)
}

function malformed(line: number, message: string, cause?: unknown): ProtocolError {
  return new ProtocolError('POLICY_MALFORMED', `not a policy: line ${line}: ${message}`, {
    place: { index: line },
    cause,
  })
}
