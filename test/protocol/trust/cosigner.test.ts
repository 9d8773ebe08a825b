import { describe, expect, test } from 'vitest'
import { cosign } from '../../../fixtures/synthetic/cosign.ts'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import {
  type SyntheticMember,
  syntheticMember,
  syntheticPolicy,
  syntheticRegistry,
} from '../../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { formatVerifierKey, verifierKeyOf } from '../../../protocol/log/note.ts'
import { cosignaturesIn, findWitnesses, requireWitnesses } from '../../../protocol/trust/cosigner.ts'
import { parseRegistry } from '../../../protocol/trust/registry.ts'
import { openTrust, type Trust } from '../../../protocol/trust/trust.ts'
import { openWithTrust } from '../../../protocol/verify-checkpoint.ts'
import { codeOf } from '../log/expect-code.ts'

const [one, two, agency, other] = ['主管局一', '主管局二', '璧山', '眉山'].map((name, n) =>
  syntheticMember(`${name}（合成）`, `http://localhost:${7401 + n}`),
) as [SyntheticMember, SyntheticMember, SyntheticMember, SyntheticMember]
const stranger = syntheticMember('生人（合成）', 'http://localhost:7499')
const at = Date.UTC(2026, 0, 5, 2)

function open(change: (registry: any) => void = () => {}): Trust {
  const registry: any = structuredClone(syntheticRegistry([one, two, agency, other]))
  registry.policy = syntheticPolicy([one, two])
  change(registry)
  const parsed = parseRegistry(encodeUtf8(JSON.stringify(registry)))
  return openTrust(parsed.registry, parsed.fingerprint)
}

async function noteOf(owner: SyntheticMember): Promise<string> {
  const log = new SyntheticLog(owner)
  for (let n = 0; n < 2; n += 1) await log.publish(syntheticStandard(n))
  return log.checkpoint()
}

async function witnessed(owner: SyntheticMember, by: readonly SyntheticMember[]): Promise<string> {
  let note = await noteOf(owner)
  for (const [n, member] of by.entries()) note = await cosign(note, member, { at: at + n * 60_000 })
  return note
}

const judge = (note: string, owner: SyntheticMember, trust = open()) =>
  findWitnesses(trust, openWithTrust(note, owner.origin, trust))

describe('a registry with a policy', () => {
  const refusal = (change: (registry: any) => void) => codeOf(() => open(change))

  test('[WIT-8] its witnesses are cosigners of the registry, and it names no logs', () => {
    expect(open().policy?.witnesses.map(({ key }) => key.name)).toEqual([
      'localhost:7401/witness',
      'localhost:7402/witness',
    ])
    const malformed = 'REGISTRY_MALFORMED'
    expect(refusal((r) => Object.assign(r, { policy: 'quorum A\n' }))).toBe(malformed)
    expect(refusal((r) => Object.assign(r, { policy: syntheticPolicy([one, stranger]) }))).toBe(malformed)
    const log = formatVerifierKey(verifierKeyOf(one.origin, one.log.publicKey))
    expect(refusal((r) => Object.assign(r, { policy: `log ${log}\nquorum none\n` }))).toBe(malformed)
    const renamed = formatVerifierKey(verifierKeyOf('a.example/witness', one.witness.publicKey, 0x04))
    expect(refusal((r) => Object.assign(r, { policy: `witness A ${renamed}\nquorum A\n` }))).toBe(malformed)
  })

  test('[WIT-9] the times of a cosigner are moments in their one spelling', () => {
    for (const from of [
      '2026-01-01',
      '2026-01-01T00:00:00.000Z',
      '2026-02-30T00:00:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-01T00:00:00+08:00',
    ])
      expect(refusal((r) => Object.assign(r.members[0].cosigners[0], { from }))).toBe('REGISTRY_MALFORMED')
    expect(refusal((r) => Object.assign(r.members[0].cosigners[0], { to: 'never' }))).toBe(
      'REGISTRY_MALFORMED',
    )
  })
})

describe('the cosignatures of a note', () => {
  test('[WIT-10] count by name and key; strangers count for nothing', async () => {
    const note = await witnessed(agency, [stranger, one, other])
    const trust = open()
    const found = cosignaturesIn(trust, openWithTrust(note, agency.origin, trust))
    expect(found.map(({ cosigner, time }) => [cosigner.key.name, time])).toEqual([
      ['localhost:7401/witness', at / 1000 + 60],
      ['localhost:7404/witness', at / 1000 + 120],
    ])
  })

  test('[WIT-10] a bad one under a known key refuses the whole note, whatever stands beside it', async () => {
    const note = await witnessed(agency, [one, two])
    const moved = note.replace(/(\n— localhost:7402\/witness )(.*)/, (_, head, line) => {
      const bytes = Buffer.from(line, 'base64')
      bytes[20]! ^= 1
      return head + bytes.toString('base64')
    })
    expect(codeOf(() => judge(moved, agency))).toBe('CHECKPOINT_SIGNATURE_INVALID')
    expect(judge(note, agency)).toBeDefined()
  })

  test('[WIT-10] a note with more than 16 lines is refused', async () => {
    const note = await witnessed(agency, [one, two])
    const line = note.trimEnd().split('\n').at(-1)
    expect(codeOf(() => judge(`${note}${`${line}\n`.repeat(14)}`, agency))).toBe('NOTE_MALFORMED')
  })

  test('[WIT-11] count within the time of the cosigner alone, by their own time', async () => {
    const note = await witnessed(agency, [one, two])
    const within = (from: string, to?: string) =>
      judge(
        note,
        agency,
        open((r) => Object.assign(r.members[1].cosigners[0], { from, ...(to ? { to } : {}) })),
      )
    expect(within('2026-01-05T02:01:00Z')).toBeDefined()
    expect(within('2026-01-05T02:01:01Z')).toBeUndefined()
    expect(within('2020-01-01T00:00:00Z', '2026-01-05T02:01:01Z')).toBeDefined()
    expect(within('2020-01-01T00:00:00Z', '2026-01-05T02:01:00Z')).toBeUndefined()
  })

  test('[WIT-12] satisfy the policy by those whom it names, since the last of them', async () => {
    const found = judge(await witnessed(agency, [two, other, one]), agency)
    expect(found?.by.map(({ cosigner }) => cosigner.member.id)).toEqual([one.did, two.did])
    expect([found?.since, found?.latest]).toEqual([at / 1000 + 120, at / 1000 + 120])
    for (const by of [[], [one], [two, other]])
      expect(judge(await witnessed(agency, by), agency)).toBeUndefined()
    const trust = open()
    const opened = openWithTrust(await witnessed(agency, [one]), agency.origin, trust)
    expect(codeOf(() => requireWitnesses(trust, opened))).toBe('NOT_WITNESSED')
  })

  test('[WIT-12] a member is no witness of its own log: for a bureau, the other one is', async () => {
    expect(judge(await witnessed(one, [two]), one)?.by.map(({ cosigner }) => cosigner.member.id)).toEqual([
      two.did,
    ])
    expect(judge(await witnessed(one, [one]), one)).toBeUndefined()
    const alone = open((r) =>
      Object.assign(r, { policy: `witness A ${one.entry.cosigners[0]?.key}\nquorum A\n` }),
    )
    expect(judge(await witnessed(one, [one, two]), one, alone)).toBeUndefined()
    expect(judge(await witnessed(agency, [one]), agency, alone)).toBeDefined()
  })

  test('[WIT-12] the signature of the log itself is no witness, and a holder is none whom the policy does not name', async () => {
    expect(judge(await noteOf(agency), agency)).toBeUndefined()
    const held = await cosign(await witnessed(agency, [one]), two, { at, role: 'holder' })
    expect(judge(held, agency)).toBeUndefined()
  })
})
