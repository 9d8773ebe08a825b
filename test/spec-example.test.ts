import { beforeAll, describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../protocol/bytes.ts'
import { canonicalize } from '../protocol/canonical.ts'
import { ProtocolError } from '../protocol/error.ts'
import { digestOf } from '../protocol/hash.ts'
import { formatEntry } from '../protocol/log/entry.ts'
import { parseDraft } from '../protocol/record/draft.ts'
import { warningsOf } from '../protocol/record/rule.ts'
import { maxRecordBytes, parseRecord } from '../protocol/record/schema.ts'
import { lifecycleAt } from '../protocol/standing/lifecycle.ts'
import { parseRegistry } from '../protocol/trust/registry.ts'
import { openRegistryChain } from '../protocol/trust/registry-chain.ts'
import { signersOf } from '../protocol/trust/root.ts'
import { openTrust, type Trust } from '../protocol/trust/trust.ts'
import { parseTuf } from '../protocol/trust/tuf.ts'
import { readRecord, verifyLoggedRecord } from '../protocol/verify.ts'
import { readText } from './support/source.ts'

/** The block of a specification that begins with these words. */
function blockOf(file: string, name: string): string {
  const [, block] = readText(`protocol/spec/${file}.md`).split(`\n\`\`\`json ${name}\n`)
  if (block === undefined) throw new Error(`no block ${name} in ${file}.md`)
  return block.slice(0, block.indexOf('\n```'))
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error)
  }
  return 'passed'
}

const bytesOf = (name: string) => encodeUtf8(canonicalize(JSON.parse(blockOf('record', name))))
const standard = (): any => JSON.parse(blockOf('record', 'standard-record'))
const event = (): any => JSON.parse(blockOf('record', 'lifecycle-event'))
const stated = (file: string) => readText(`protocol/spec/${file}.md`)

let trust: Trust

beforeAll(() => {
  const { registry, fingerprint } = parseRegistry(encodeUtf8(blockOf('trust', 'trust')))
  trust = openTrust(registry, fingerprint)
})

function verifyAt(bytes: Uint8Array, index: number) {
  const { id, type } = JSON.parse(new TextDecoder().decode(bytes))
  const entry = {
    at: '2026-01-05T01:00:00.000Z',
    digest: digestOf(bytes),
    id,
    index,
    log: 'bishan.example/log/1',
    tier: 'public',
    type: type[1],
    v: 1,
  } as const
  formatEntry(entry)
  return verifyLoggedRecord(entry, bytes, trust)
}

describe('the examples of the specifications', () => {
  test('[TRUST-1] the registry of trust.md opens, with the fingerprint that stands beside it', () => {
    expect(stated('trust')).toContain(`\`${trust.fingerprint}\``)
    expect([...trust.logs.keys()]).toEqual(['bishan.example/log/1', 'meishan.example/log/1'])
  })

  test('[REG-6] the metadata of registry.md leads from its root to the registry of trust.md', () => {
    const [root, targets] = ['root', 'targets'].map((name) => JSON.parse(blockOf('registry', name)))
    const registry = JSON.parse(blockOf('trust', 'trust'))
    const pinned = digestOf(canonicalize(root))
    expect(stated('registry')).toContain(`\`${pinned}\``)
    const { anchor, fingerprint } = openRegistryChain({ roots: [root], targets, registry }, pinned)
    expect(fingerprint).toBe(trust.fingerprint)
    for (const role of ['snapshot', 'timestamp'] as const) {
      const metadata = parseTuf(role, encodeUtf8(blockOf('registry', role)))
      expect(signersOf(metadata, anchor.root)).toHaveLength(1)
    }
  })

  test.each([
    ['standard-record', 0, '2,345'],
    ['lifecycle-event', 1, '1,203'],
  ])(
    '[REC-1] the %s of record.md verifies, with the length and digest that stand beside it',
    (name, index, size) => {
      const bytes = bytesOf(name)
      expect(verifyAt(bytes, index)).toMatchObject({ index, digest: digestOf(bytes) })
      expect(stated('record')).toContain(`(${size} bytes, digest \`${digestOf(bytes)}\`)`)
      expect(bytes.length.toLocaleString('en')).toBe(size)
    },
  )

  test('[TRUST-7] the key of the example counts below index 1,000 and no further', () => {
    const bytes = bytesOf('standard-record')
    expect(codeOf(() => verifyAt(bytes, 999))).toBe('passed')
    expect(codeOf(() => verifyAt(bytes, 1000))).toBe('KEY_NOT_VALID_AT_TIME')
  })
})

describe('records', () => {
  test('[REC-12] a record has at most 1 MiB, and an audience exactly when its tier has one', () => {
    expect(codeOf(() => readRecord(new Uint8Array(maxRecordBytes + 1)))).toBe('SIZE_LIMIT')
    for (const tier of ['public', 'federation', 'private'])
      expect(codeOf(() => parseRecord({ ...standard(), tier, audience: 'p' }))).toBe('SCHEMA_INVALID')
    for (const tier of ['group', 'pair']) {
      expect(codeOf(() => parseRecord({ ...standard(), tier }))).toBe('SCHEMA_INVALID')
      expect(codeOf(() => parseRecord({ ...standard(), tier, audience: 'bishan-meishan' }))).toBe('passed')
    }
  })

  test('[REC-13] an id is one of the issuer’s, and what a record corrects is named by id and digest', () => {
    const foreign = { ...standard(), id: standard().id.replace('bishan', 'meishan') }
    expect(codeOf(() => verifyAt(encodeUtf8(canonicalize(foreign)), 0))).toBe('ISSUER_MISMATCH')
    const { id } = standard()
    expect(codeOf(() => parseRecord({ ...standard(), revisionOf: { id } }))).toBe('SCHEMA_INVALID')
    expect(codeOf(() => parseRecord({ ...standard(), revisionOf: { id, digest: digestOf('x') } }))).toBe(
      'passed',
    )
  })

  test('[REC-20] a standard needs number, title, level, mandate and class, and words of the lists', () => {
    for (const name of ['identifiers', 'titleZh', 'level', 'mandate', 'class']) {
      const record = standard()
      delete record.credentialSubject[name]
      expect(codeOf(() => parseRecord(record))).toBe('SCHEMA_INVALID')
    }
    const record = standard()
    record.credentialSubject.clauses[0].limits[0].value = 1200
    expect(codeOf(() => parseRecord(record))).toBe('SCHEMA_INVALID')
    expect(warningsOf(standard().credentialSubject)).toEqual([])
  })

  test('[REC-23] no record and no draft states a status', () => {
    for (const name of ['status', 'state']) {
      const record = standard()
      record.credentialSubject[name] = 'in-force'
      expect(codeOf(() => parseRecord(record))).toBe('SCHEMA_INVALID')
      const { credentialSubject, tier } = record
      expect(codeOf(() => parseDraft({ type: 'StandardRecord', tier, credentialSubject }))).toBe(
        'SCHEMA_INVALID',
      )
    }
  })

  test('[REC-24] the numbers a standard refers to are read like its own', () => {
    for (const name of ['replaces', 'normativeRefs']) {
      const odd = standard()
      odd.credentialSubject[name][0].canonicalKey = 'DB50/T 1-2020'
      expect(codeOf(() => parseRecord(odd))).toBe('RULE_VIOLATED')
      const none = standard()
      none.credentialSubject[name][0].value = '标准一'
      expect(codeOf(() => parseRecord(none))).toBe('IDENTIFIER_INVALID')
    }
  })

  test('[REC-30] an event needs kind, edition and an existing date', () => {
    for (const name of ['eventKind', 'edition', 'date']) {
      const record = event()
      delete record.credentialSubject[name]
      expect(codeOf(() => parseRecord(record))).toBe('SCHEMA_INVALID')
    }
    for (const change of [{ date: '2026-02-29' }, { eventKind: '废止' }, { eventKind: 'in-force' }]) {
      const record = event()
      Object.assign(record.credentialSubject, change)
      expect(codeOf(() => parseRecord(record))).toBe('SCHEMA_INVALID')
    }
  })

  test('[REC-31] an event names its edition by id and digest', () => {
    expect(event().credentialSubject.edition).toEqual({
      id: standard().id,
      digest: digestOf(bytesOf('standard-record')),
    })
    const record = event()
    delete record.credentialSubject.edition.digest
    expect(codeOf(() => parseRecord(record))).toBe('SCHEMA_INVALID')
  })
})

describe('the tables of standing.md', () => {
  const facts = { ...standard().credentialSubject, publishedOn: '2020-11-01', effectiveOn: '2021-02-01' }
  const placed = (index: number, eventKind: any, date: string, origin = 'a.example/log/1') => ({
    origin,
    index,
    recordId: `https://a.example/id/${index}`,
    subject: { eventKind, date, edition: event().credentialSubject.edition },
  })

  test('[STAND-1] the states of the first example', () => {
    const events = [
      placed(4, 'review', '2024-02-29'),
      placed(7, 'amendment', '2024-03-01'),
      placed(9, 'abolished', '2026-05-01'),
    ]
    const [, table = ''] = stated('standing').split('asked for ')
    const rows = table.slice(0, table.indexOf('\n```')).split('\n').slice(1)
    expect(rows).toHaveLength(6)
    for (const row of rows) {
      const [day = '', state, since] = row.split(/ {2,}/)
      expect(lifecycleAt(facts, events, day)).toMatchObject({ state, since, amended: row.includes('yes') })
      const due = /\d{4}-\d{2}-\d{2}$/.exec(row)?.[0]
      if (row.includes('2025-11-01') || row.includes('2029'))
        expect(lifecycleAt(facts, events, day).reviewDue).toBe(due)
    }
    expect(lifecycleAt(facts, events.slice(0, 2), '2026-05-01').state).toBe('in-force')
  })

  test('[STAND-3] the ends of the second example', () => {
    const on = (...events: ReturnType<typeof placed>[]) => {
      const { state, since, partlySuperseded } = lifecycleAt(facts, events, '2026-12-31')
      return [state, since, partlySuperseded]
    }
    const abolished = placed(1, 'abolished', '2026-05-01')
    const back = placed(2, 'reinstated', '2026-06-01')
    const replaced = placed(3, 'superseded', '2026-09-01')
    expect(on(abolished)).toEqual(['abolished', '2026-05-01', false])
    expect(on(abolished, back)).toEqual(['in-force', '2021-02-01', false])
    expect(on(abolished, back, replaced)).toEqual(['superseded', '2026-09-01', false])
    expect(on(placed(1, 'superseded', '2026-05-01'), replaced)).toEqual(['superseded', '2026-05-01', false])
    expect(on(placed(1, 'partly-superseded', '2026-05-01'))).toEqual(['in-force', '2021-02-01', true])
    expect(on(abolished, placed(2, 'superseded', '2026-06-01', 'b.example/log/1'))).toEqual([
      'disputed',
      '2026-05-01',
      false,
    ])
    expect(
      lifecycleAt({ ...facts, publishedOn: undefined, effectiveOn: undefined }, [], '2026-12-31').state,
    ).toBe('undetermined')
  })
})
