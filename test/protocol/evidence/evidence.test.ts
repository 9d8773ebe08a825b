import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evidenceVectors } from '../../../fixtures/generate/evidence.ts'
import { formatVector } from '../../../fixtures/generate/vector.ts'
import { syntheticPolicy, syntheticRegistry, syntheticTrust } from '../../../fixtures/synthetic/member.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import {
  formatEvidence,
  maxEvidenceBytes,
  parseEvidence,
  verifyLeaves,
  verifySigner,
} from '../../../protocol/evidence.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { compareTrees } from '../../../protocol/log/divergence.ts'
import { formatVerifierKey, parseVerifierKey, verifierKeyOf } from '../../../protocol/log/note.ts'
import { parseRegistry } from '../../../protocol/trust/registry.ts'
import { openTrust } from '../../../protocol/trust/trust.ts'
import { verifyEvidence } from '../../../protocol/verify-evidence.ts'
import { readText } from '../../support/source.ts'
import { changed, keys, leavesOf, member, origin, sampleTree, stranger, trust } from './sample.ts'

const old = await sampleTree(leavesOf(5))
const now = await sampleTree([...changed(old.leaves, 3), ...leavesOf(4, 'more')])
const fork = await sampleTree(changed(old.leaves, 1))
const compared = await compareTrees(old, now)
if (compared.outcome !== 'leaf') throw new Error('the sample has two histories')
const leaf = formatEvidence({ origin, notes: [old.note, now.note], differing: compared.differing })
const same = formatEvidence({ origin, notes: [old.note, fork.note] })

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error)
  }
  return 'passed'
}

const parseText = (text: string) => codeOf(() => parseEvidence(encodeUtf8(text)))

/** `verified`, or the verdict with the codes of what did not pass. */
function judge(text: string, given: Parameters<typeof verifyEvidence>[1]['trust'] = trust): string {
  const { verdict, findings } = verifyEvidence(encodeUtf8(text), { trust: given, now: 0 })
  return [verdict, ...findings.flatMap(({ code }) => code ?? [])].join(' ')
}

function redigest(value: any): string {
  const { digest: _digest, ...body } = value
  return `${canonicalize({ ...body, digest: digestOf(canonicalize(body)) })}\n`
}

describe('evidence', () => {
  test('[EVID-1] has one spelling: canonical JSON and one line feed', () => {
    for (const text of [leaf, same]) {
      const { evidence } = parseEvidence(encodeUtf8(text))
      expect(`${canonicalize(JSON.parse(JSON.stringify(evidence)))}\n`).toBe(text)
      for (const other of [text.slice(0, -1), `${text}\n`, ` ${text}`, `\ufeff${text}`, text.slice(0, 400)])
        expect(parseText(other)).not.toBe('passed')
    }
    expect(codeOf(() => parseEvidence(new Uint8Array(maxEvidenceBytes + 1)))).toBe('SIZE_LIMIT')
  })

  test('[EVID-1] no byte of it can be another, and none can be missing or more, without a refusal', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(leaf, same),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('other', 'missing', 'more'),
        (text, place, change, kind) => {
          const bytes = encodeUtf8(text)
          const at = place % bytes.length
          const altered = bytes.slice()
          altered[at] = altered[at]! ^ change
          const made = {
            other: altered,
            missing: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
            more: Buffer.concat([bytes.subarray(0, at), Buffer.of(change), bytes.subarray(at)]),
          }[kind]
          const { verdict } = verifyEvidence(made, { trust, now: 0 })
          expect(verdict).not.toBe('verified')
        },
      ),
      { numRuns: 400 },
    )
  })

  test('[EVID-1] whatever bytes come, they are refused with a code', () => {
    const anything = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json().map(encodeUtf8))
    fc.assert(
      fc.property(anything, (bytes) => {
        expect(codeOf(() => parseEvidence(bytes))).toMatch(/^[A-Z_]+$/)
      }),
    )
  })

  test('[EVID-2] states the digest of all the rest of itself', () => {
    const { statedDigest, actualDigest } = parseEvidence(encodeUtf8(leaf))
    expect(actualDigest).toBe(statedDigest)
    expect(judge(leaf.replace(statedDigest, digestOf('x')))).toBe('rejected DIGEST_MISMATCH')
  })

  test('[EVID-3] has these members and no other', () => {
    for (const text of [leaf, same]) {
      const value = JSON.parse(text)
      for (const name of Object.keys(value)) {
        const { [name]: _gone, ...rest } = value
        expect(parseText(`${canonicalize(rest)}\n`), name).not.toBe('passed')
      }
      expect(parseText(redigest({ ...value, more: 1 }))).toBe('SCHEMA_INVALID')
    }
  })

  test('[EVID-4] is the same whoever found it, in whatever order', () => {
    expect(formatEvidence({ origin, notes: [fork.note, old.note] })).toBe(same)
    if (compared.outcome !== 'leaf') throw new Error('not possible')
    const { index, leaves } = compared.differing
    const back = { index, leaves: [leaves[1], leaves[0]] as const }
    expect(formatEvidence({ origin, notes: [now.note, old.note], differing: back })).toBe(leaf)
  })

  test('[EVID-5] says of each leaf where it stands, and of nothing that agrees', () => {
    expect(codeOf(() => verifyLeaves(parseEvidence(encodeUtf8(leaf))))).toBe('passed')
    expect(codeOf(() => formatEvidence({ origin, notes: [old.note, old.note] }))).toBe('NO_CONTRADICTION')
    const value = JSON.parse(leaf)
    expect(judge(redigest({ ...value, index: value.index - 1 }))).toBe('rejected INCLUSION_INVALID')
  })

  test('[EVID-6] accuses the one key that signed both, whatever range it has and wherever the log was closed', () => {
    expect(verifySigner(parseEvidence(encodeUtf8(leaf)), keys)).toBe(keys[0])
    const registry = JSON.parse(JSON.stringify(syntheticRegistry([member])))
    registry.members[0].origins[0].vkey[0].to = 2
    registry.members[0].origins[0].closed = { size: 1, root: `${'A'.repeat(43)}=`, reason: '分叉' }
    const parsed = parseRegistry(encodeUtf8(JSON.stringify(registry)))
    for (const text of [leaf, same])
      expect(judge(text, openTrust(parsed.registry, parsed.fingerprint))).toBe('verified')
  })

  test('[EVID-6] two notes by two keys of the log accuse neither', async () => {
    const later = await sampleTree(fork.leaves, stranger.log)
    const text = formatEvidence({ origin, notes: [old.note, later.note] })
    const registry = JSON.parse(JSON.stringify(syntheticRegistry([member])))
    const key = formatVerifierKey(verifierKeyOf(origin, stranger.log.publicKey))
    registry.members[0].origins[0].vkey.push({ key, from: 0 })
    const parsed = parseRegistry(encodeUtf8(JSON.stringify(registry)))
    expect(judge(text, openTrust(parsed.registry, parsed.fingerprint))).toBe('rejected NO_COMMON_KEY')
    expect(judge(text)).toBe('rejected CHECKPOINT_SIGNATURE_INVALID')
  })

  test('[EVID-7] verified, rejected or undecided: never yes without a root of trust, never no for want of one', () => {
    for (const text of [leaf, same]) {
      expect(judge(text)).toBe('verified')
      const { verdict, findings } = verifyEvidence(encodeUtf8(text), { trust: undefined, now: 0 })
      expect([verdict, findings.find(({ code }) => code)?.code]).toEqual(['undecided', 'NOT_TRUSTED'])
      expect(judge(text, syntheticTrust([stranger]))).toBe('undecided NOT_A_MEMBER')
    }
    const value = JSON.parse(leaf)
    const broken = redigest({ ...value, index: value.index - 1 })
    const { verdict } = verifyEvidence(encodeUtf8(broken), { trust: undefined, now: 0 })
    expect(verdict).toBe('rejected')
    const asked = JSON.parse(JSON.stringify(syntheticRegistry([member, stranger])))
    const policy = syntheticPolicy([stranger])
    const parsed = parseRegistry(encodeUtf8(JSON.stringify({ ...asked, policy })))
    expect(judge(leaf, openTrust(parsed.registry, parsed.fingerprint))).toBe('verified')
  })

  test('[VERIFY-31] an older registry than was asked for leaves it undecided, as any file', () => {
    for (const [registryAtLeast, outcome] of [
      [trust.registry.version, ['verified', undefined]],
      [trust.registry.version + 1, ['undecided', 'REGISTRY_STALE']],
    ] as const) {
      const { verdict, findings } = verifyEvidence(encodeUtf8(leaf), { trust, now: 0, registryAtLeast })
      expect([verdict, findings.find(({ code }) => code)?.code]).toEqual(outcome)
    }
  })

  test('[EVID-1] the example of the specification is one, of the length that stands beside it', () => {
    const spec = readText('protocol/spec/evidence.md')
    const block = spec.split('```json evidence\n')[1]?.split('\n```')[0] ?? ''
    const example = `${canonicalize(JSON.parse(block))}\n`
    const vector = JSON.parse(readText('fixtures/vectors/evidence/valid-leaf.json'))
    expect(example).toBe(vector.input.evidence)
    expect(spec).toContain(`${encodeUtf8(example).length.toLocaleString('en')} bytes`)
  })
})

describe('vectors of evidence', () => {
  const folder = new URL('../../../fixtures/vectors/evidence/', import.meta.url)
  const files = readdirSync(folder).sort()

  test('the files are what the generator makes, and no file is left over', async () => {
    const made = await evidenceVectors()
    expect(made.map(({ path }) => path.replace('evidence/', '')).sort()).toEqual(files)
    for (const { path, vector } of made)
      expect(readFileSync(new URL(path.replace('evidence/', ''), folder), 'utf8')).toBe(formatVector(vector))
  })

  test.each(files)('%s comes out as it says', (file) => {
    const { input, expect: expected } = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    expect(runVector(input)).toEqual(expected)
  })
})

function runVector({ evidence, keys: texts }: { evidence: string; keys: string[] }): object {
  try {
    const opened = parseEvidence(encodeUtf8(evidence))
    if (opened.statedDigest !== opened.actualDigest) return { ok: false, code: 'DIGEST_MISMATCH' }
    const key = verifySigner(opened, texts.map(parseVerifierKey))
    verifyLeaves(opened)
    return { ok: true, key: formatVerifierKey(key) }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { ok: false, code: error.code }
  }
}
