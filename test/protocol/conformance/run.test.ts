import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  syntheticRun,
  syntheticSample,
  syntheticSchema,
  syntheticSuite,
} from '../../../fixtures/synthetic/conformance.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { canonicalize } from '../../../protocol/canonical.ts'
import { judgeAnswer, judgeSample } from '../../../protocol/conformance/judge.ts'
import { checkRun, formatRun, isConformant, parseRun } from '../../../protocol/conformance/run.ts'
import { openSchema } from '../../../protocol/conformance/schema.ts'
import { checkSuite, parseSuite } from '../../../protocol/conformance/suite.ts'
import { ProtocolError } from '../../../protocol/error.ts'
import { digestOf } from '../../../protocol/hash.ts'

const schema = openSchema(encodeUtf8(syntheticSchema))
const suite = parseSuite(encodeUtf8(syntheticSuite()))
const party = 'did:web:bishan.example'
const sample = { sample: digestOf(syntheticSample) }
const plain = syntheticRun({ runBy: party, target: sample })

function fault(run: () => unknown): string {
  try {
    run()
    return 'none'
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return `${error.code} ${error.place.pointer ?? ''}`.trim()
  }
}

const readSuite = (change: object, of: any = JSON.parse(syntheticSuite())) =>
  fault(() => parseSuite(encodeUtf8(`${canonicalize({ ...of, ...change })}\n`)))

describe('a conformance suite', () => {
  test('[CONF-1] is one canonical line with the members of the example', () => {
    expect(readSuite({})).toBe('none')
    expect(fault(() => parseSuite(encodeUtf8(syntheticSuite().trim())))).toBe('CONFORMANCE_INVALID')
    expect(fault(() => parseSuite(encodeUtf8(` ${syntheticSuite()}`)))).toBe('CONFORMANCE_INVALID')
    expect(readSuite({ more: 1 })).toBe('SCHEMA_INVALID /more')
    expect(readSuite({ v: 2 })).toBe('SCHEMA_INVALID /v')
  })

  test('[CONF-2] has cases of two kinds, each id once, and one that is mandatory', () => {
    const [first, , , e1] = suite.cases
    expect(readSuite({ cases: [first, first] })).toBe('CONFORMANCE_INVALID /cases/1/id')
    expect(readSuite({ cases: [{ ...first, mandatory: false }] })).toBe('CONFORMANCE_INVALID /cases')
    expect(readSuite({ cases: [] })).toBe('SCHEMA_INVALID /cases')
    expect(readSuite({ cases: [{ ...first, at: 'list' }] })).toBe('SCHEMA_INVALID /cases/0/at')
    for (const path of ['standards', '/a/../b', '/..', '//x y', '/%2e%2e/x', '/a?b', '/a#b', '/a\\b'])
      expect(readSuite({ cases: [{ ...e1, path }] })).toBe('SCHEMA_INVALID /cases/0/path')
    for (const path of ['/', '/a/', '/a..b', '/v1/standards'])
      expect(readSuite({ cases: [{ ...e1, path }] })).toBe('none')
    expect(readSuite({ cases: [{ ...e1, method: 'POST' }] })).toBe('SCHEMA_INVALID /cases/0/method')
  })

  test('[CONF-3] is about parts of one schema', () => {
    expect(fault(() => checkSuite(suite, schema))).toBe('none')
    expect(fault(() => checkSuite({ ...suite, schema: digestOf('other') }, schema))).toBe(
      'CONFORMANCE_INVALID /schema',
    )
    const cases = [{ ...suite.cases[0]!, part: '/$defs/none' }]
    expect(fault(() => checkSuite({ ...suite, cases }, schema))).toBe('CONFORMANCE_INVALID /cases/0/part')
  })
})

describe('a run', () => {
  test('[CONF-10] is one canonical line, and read as it is written', () => {
    const run = parseRun(encodeUtf8(plain))
    expect(formatRun(run)).toBe(plain)
    expect(run).toMatchObject({ runBy: party, target: sample, suite: { id: suite.id, version: '1.0' } })
    fc.assert(
      fc.property(fc.nat(plain.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, text) => {
        const altered = plain.slice(0, at) + text + plain.slice(at + 1)
        const found = fault(() => {
          const read = parseRun(encodeUtf8(altered))
          expect(formatRun(read)).toBe(altered)
        })
        expect(found).toBeTypeOf('string')
      }),
    )
  })

  test('[CONF-11] fits the suite that it names, case by case and in its summary', () => {
    const digests = { suite: digestOf(syntheticSuite()), schema: digestOf(syntheticSchema) }
    const run = parseRun(encodeUtf8(plain))
    const check = (change: object, given = digests) =>
      fault(() => checkRun({ ...run, ...change }, suite, given))
    expect(check({})).toBe('none')
    expect(check({ suite: { ...run.suite, id: 'x' } })).toBe('CONFORMANCE_INVALID /suite/id')
    expect(check({ suite: { ...run.suite, version: '2' } })).toBe('CONFORMANCE_INVALID /suite/version')
    expect(check({}, { ...digests, suite: digestOf('x') })).toBe('CONFORMANCE_INVALID /suite/digest')
    expect(check({ schema: digestOf('x') })).toBe('CONFORMANCE_INVALID /schema')
    expect(check({ cases: run.cases.slice(1) })).toBe('CONFORMANCE_INVALID /cases')
    expect(check({ cases: run.cases.toReversed() })).toBe('CONFORMANCE_INVALID /cases/0/id')
    const cases = run.cases.with(3, { ...run.cases[3]!, outcome: 'passed' })
    expect(check({ cases })).toBe('CONFORMANCE_INVALID /cases/3/outcome')
    const failed = run.cases.with(0, { ...run.cases[0]!, outcome: 'failed' })
    expect(check({ cases: failed })).toBe('CONFORMANCE_INVALID /summary')
    const mandatory = { of: 1, passed: 1 }
    expect(check({ summary: { ...run.summary, mandatory } })).toBe('CONFORMANCE_INVALID /summary/mandatory')
  })

  test('[CONF-12] is conformant iff each mandatory case for its target passed', () => {
    const of = (failed: readonly string[]) =>
      isConformant(parseRun(encodeUtf8(syntheticRun({ runBy: party, target: sample, failed }))))
    expect(of([])).toBe(true)
    expect(of(['s3'])).toBe(true)
    expect(of(['s1'])).toBe(false)
    expect(
      isConformant({ summary: { passed: 0, failed: 0, notRun: 5, mandatory: { of: 0, passed: 0 } } }),
    ).toBe(false)
  })
})

describe('a case', () => {
  test('[CONF-30] of sample data passes as the document is or is not valid', () => {
    const value = JSON.parse(syntheticSample)
    const outcomes = (of: any) =>
      suite.cases.flatMap((one) => (one.kind === 'sample' ? [judgeSample(one, schema, of).outcome] : []))
    expect(outcomes(value)).toEqual(['passed', 'passed', 'passed'])
    expect(outcomes({ ...value, list: value.broken })).toEqual(['failed', 'passed', 'failed'])
    expect(outcomes({ ...value, broken: value.list })).toEqual(['passed', 'failed', 'passed'])
    expect(outcomes([])).toEqual(['failed', 'failed', 'failed'])
  })

  test('[CONF-31] of an endpoint passes by status, media type and body', () => {
    const [, , , e1] = suite.cases
    if (e1?.kind !== 'endpoint') throw new Error('not an endpoint case')
    const body = encodeUtf8(JSON.stringify(JSON.parse(syntheticSample).list))
    const answer = { status: 200, contentType: 'application/json; charset=utf-8', body }
    const judge = (change: object) => judgeAnswer(e1, schema, { ...answer, ...change }).outcome
    expect(judge({})).toBe('passed')
    expect(judge({ status: 404 })).toBe('failed')
    expect(judge({ contentType: 'text/html' })).toBe('failed')
    expect(judge({ contentType: undefined })).toBe('failed')
    expect(judge({ body: encodeUtf8('{"items": [{}]}') })).toBe('failed')
    expect(judge({ body: encodeUtf8('{"items": [], "items": []}') })).toBe('failed')
    expect(judge({ body: encodeUtf8('<html>\u202e') })).toBe('failed')
    expect(judge({ body: new Uint8Array((4 << 20) + 1) })).toBe('failed')
  })
})
