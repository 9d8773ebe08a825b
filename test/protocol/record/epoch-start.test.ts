import { describe, expect, test } from 'vitest'
import { SyntheticLog } from '../../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticRegistry, syntheticSeed } from '../../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { openExpander } from '../../../protocol/context/expand.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { signerFromSeed } from '../../../protocol/key.ts'
import { parseEntry } from '../../../protocol/log/entry.ts'
import { formatVerifierKey, verifierKeyOf } from '../../../protocol/log/note.ts'
import { signRecord } from '../../../protocol/proof/sign.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'
import { type EpochDraft, parseDraft } from '../../../protocol/record/draft.ts'
import { parseRecord } from '../../../protocol/record/schema.ts'
import { parseRegistry } from '../../../protocol/trust/registry.ts'
import { openTrust } from '../../../protocol/trust/trust.ts'
import { verifyLoggedRecord } from '../../../protocol/verify.ts'

const member = syntheticMember('合成甲', 'http://localhost:7401')
const next = { ...member, origin: member.origin.replace(/1$/, '2') }
const root = `${'B'.repeat(42)}A=`
const previous = { origin: member.origin, size: 3, root }

const trust = (() => {
  const registry: any = structuredClone(syntheticRegistry([member]))
  const [entry] = registry.members
  entry.origins[0].closed = { size: 3, root, reason: '合成' }
  const { publicKey } = signerFromSeed(syntheticSeed('log', `${member.did} next`))
  const key = formatVerifierKey(verifierKeyOf(next.origin, publicKey))
  entry.origins.push({ origin: next.origin, url: 'http://localhost:7401/log/2', vkey: [{ key, from: 0 }] })
  for (const held of entry.keys) held.valid.push({ origin: next.origin, from: 0 })
  entry.status.push({ status: 'active', origin: next.origin, size: 0 })
  const parsed = parseRegistry(encodeUtf8(JSON.stringify(registry)))
  return openTrust(parsed.registry, parsed.fingerprint)
})()

function draft(change: object = {}): EpochDraft {
  return { type: 'EpochStart', tier: 'public', credentialSubject: { previous: { ...previous, ...change } } }
}

function compose(of: EpochDraft, n = 0) {
  const id = `https://localhost:7401/id/00000000-0000-4000-8000-00000000009${n}`
  return composeRecord(of, { id, issuer: member.did })
}

async function append(log: SyntheticLog, of: EpochDraft): Promise<void> {
  const document = await signRecord(compose(of, log.logged.length), {
    signer: member.publish,
    issuer: member.did,
    domain: log.member.origin,
    created: '2026-01-05T01:00:00Z',
  })
  log.append(document, 'EpochStart')
}

function judge(log: SyntheticLog, index: number): string {
  const logged = log.logged[index]
  try {
    if (!logged) throw new Error('no such entry')
    verifyLoggedRecord(parseEntry(logged.entry), logged.bytes, trust)
    return 'verified'
  } catch (error) {
    return error instanceof ProtocolError
      ? `${error.code} ${error.place.pointer ?? ''}`.trim()
      : String(error)
  }
}

describe('the start of an epoch', () => {
  test('[REC-200] it comes through expansion by the pinned context, and its form is closed', async () => {
    await expect((await openExpander())(compose(draft()))).resolves.toBeUndefined()
    const log = new SyntheticLog(next)
    await append(log, draft())
    const good: any = log.logged[0]?.document
    const codeOf = (change: (record: any) => void) => {
      const record = structuredClone(good)
      change(record)
      try {
        parseRecord(record)
        return 'parsed'
      } catch (error) {
        return (error as ProtocolError).code
      }
    }
    expect(codeOf(() => {})).toBe('parsed')
    for (const change of [
      (r: any) => delete r.credentialSubject.previous.root,
      (r: any) => Object.assign(r.credentialSubject.previous, { root: `${'B'.repeat(43)}=` }),
      (r: any) => Object.assign(r.credentialSubject.previous, { root: root.slice(0, 40) }),
      (r: any) => Object.assign(r.credentialSubject.previous, { size: -1 }),
      (r: any) => Object.assign(r.credentialSubject.previous, { size: '3' }),
      (r: any) => Object.assign(r.credentialSubject.previous, { origin: 'localhost' }),
      (r: any) => Object.assign(r.credentialSubject, { reason: 'x' }),
      (r: any) => Object.assign(r, { tier: 'federation' }),
    ])
      expect(codeOf(change)).toBe('SCHEMA_INVALID')
  })

  test('[REC-200] nobody hands one in', () => {
    const { credentialSubject } = draft()
    expect(() => parseDraft({ type: 'EpochStart', tier: 'public', credentialSubject })).toThrowError(
      expect.objectContaining({ code: 'SCHEMA_INVALID' }),
    )
  })

  test('[REC-201] the first entry of the next epoch verifies when it names the closed log as it was closed', async () => {
    const log = new SyntheticLog(next)
    await append(log, draft())
    await log.publish(syntheticStandard(1))
    expect([judge(log, 0), judge(log, 1)]).toEqual(['verified', 'verified'])
  })

  test.each([
    ['another size', { size: 4 }],
    ['another root', { root: `${'C'.repeat(42)}A=` }],
    ['itself', { origin: next.origin }],
    ['the log of another', { origin: 'localhost:7402/log/1' }],
  ])('[REC-201] it names %s', async (_name, change) => {
    const log = new SyntheticLog(next)
    await append(log, draft(change))
    expect(judge(log, 0)).toBe('RULE_VIOLATED /credentialSubject/previous')
  })

  test('[REC-201] it is nowhere else, and nothing else is in its place', async () => {
    const log = new SyntheticLog(next)
    await log.publish(syntheticStandard(0))
    await append(log, draft())
    expect([judge(log, 0), judge(log, 1)]).toEqual(['RULE_VIOLATED /type', 'RULE_VIOLATED /type'])
    const first = new SyntheticLog(member)
    await append(first, draft())
    expect(judge(first, 0)).toBe('RULE_VIOLATED /type')
  })
})
