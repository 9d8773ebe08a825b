import * as z from 'zod'
import { canonicalize } from '../canonical.ts'
import { ProtocolError, pointerStep } from '../error.ts'
import { type Digest, digestOf } from '../hash.ts'
import type { JsonObject } from '../json-value.ts'
import { did, digest, line, link, moment } from '../record/field.ts'
import { parseWith } from '../record/schema.ts'
import { type ConformanceCase, type ConformanceSuite, caseId, readOneLine } from './suite.ts'

export const maxRunBytes = 1 << 20

export const outcomes = {
  passed: { zh: '通过', en: 'passed' },
  failed: { zh: '未通过', en: 'failed' },
  'not-run': { zh: '未运行', en: 'not run' },
} as const

export type CaseOutcome = keyof typeof outcomes

const count = z.number().int().nonnegative().max(500)
const target = z.union([z.strictObject({ url: link }), z.strictObject({ sample: digest })])

const runForm = z.strictObject({
  format: z.literal('csx-conformance-run'),
  v: z.literal(1),
  suite: z.strictObject({ id: line(120), version: line(40), digest }),
  schema: digest,
  target,
  runBy: did,
  ranAt: moment,
  environment: line(200),
  cases: z
    .array(
      z.strictObject({ id: caseId, outcome: z.enum(['passed', 'failed', 'not-run']), detail: line(500) }),
    )
    .min(1)
    .max(500),
  summary: z.strictObject({
    passed: count,
    failed: count,
    notRun: count,
    /** Of the mandatory cases that are for this kind of target. */
    mandatory: z.strictObject({ of: count, passed: count }),
  }),
})

/** What one party found when it ran a suite against the other. */
export type ConformanceRun = z.output<typeof runForm>
export type RunTarget = ConformanceRun['target']
export type CaseResult = ConformanceRun['cases'][number]

/**
 * Reads a run in its one spelling. Proves nothing about whether the suite was run.
 *
 * @throws {ProtocolError} `CONFORMANCE_INVALID` `SCHEMA_INVALID`, with a pointer, and what the strict reader throws
 * @see spec/conformance.md, CONF-10
 */
export function parseRun(bytes: Uint8Array): ConformanceRun {
  return parseWith(runForm, readOneLine(bytes, maxRunBytes))
}

/** The one spelling of a run. @see spec/conformance.md, CONF-10 */
export function formatRun(run: ConformanceRun): string {
  const plain: JsonObject = JSON.parse(JSON.stringify(run))
  return `${canonicalize(plain)}\n`
}

/** A case for sample data says nothing about an endpoint, nor the reverse. */
export function isFor({ kind }: Pick<ConformanceCase, 'kind'>, against: RunTarget): boolean {
  return kind === ('url' in against ? 'endpoint' : 'sample')
}

/** @see spec/conformance.md, CONF-11 */
export function summaryOf(
  { cases }: ConformanceSuite,
  results: readonly Pick<CaseResult, 'id' | 'outcome'>[],
  against: RunTarget,
): ConformanceRun['summary'] {
  const of = (outcome: CaseOutcome) => results.filter((one) => one.outcome === outcome).length
  const found = new Map(results.map(({ id, outcome }) => [id, outcome]))
  const mandatory = cases.filter((one) => one.mandatory && isFor(one, against))
  return {
    passed: of('passed'),
    failed: of('failed'),
    notRun: of('not-run'),
    mandatory: {
      of: mandatory.length,
      passed: mandatory.filter(({ id }) => found.get(id) === 'passed').length,
    },
  }
}

/**
 * That a run is one of this very suite: its names and digests, each case once and in order, none run that is for another kind of target,
 * and its own summary right. Whether anything was run, nobody can tell from the file: the signature over its digest says who answers.
 *
 * @param suiteText the exact text of the suite
 * @throws {ProtocolError} `CONFORMANCE_INVALID`, with a pointer
 * @see spec/conformance.md, CONF-11
 */
export function checkRun(
  run: ConformanceRun,
  suite: ConformanceSuite,
  digests: { readonly suite: Digest; readonly schema: string },
): void {
  const { id, version } = suite
  if (run.suite.id !== id) throw invalid('/suite/id', 'a run of another suite')
  if (run.suite.version !== version) throw invalid('/suite/version', 'a run of another version of the suite')
  if (run.suite.digest !== digests.suite) throw invalid('/suite/digest', 'a run of another text of the suite')
  if (run.schema !== digests.schema || suite.schema !== digests.schema)
    throw invalid('/schema', 'suite, run and schema are not of one schema')
  if (run.cases.length !== suite.cases.length)
    throw invalid('/cases', 'each case of the suite stands in a run, and no other')
  for (const [i, one] of suite.cases.entries()) {
    const result = run.cases[i]
    if (result?.id !== one.id) throw invalid(`/cases${pointerStep(i)}/id`, 'not the case of the suite here')
    if (result.outcome !== 'not-run' && !isFor(one, run.target))
      throw invalid(`/cases${pointerStep(i)}/outcome`, 'a case for another kind of target was run')
  }
  const { mandatory: stated, ...counts } = run.summary
  const { mandatory, ...found } = summaryOf(suite, run.cases, run.target)
  if (canonicalize({ ...counts }) !== canonicalize({ ...found }))
    throw invalid('/summary', 'not what the cases say')
  if (canonicalize({ ...stated }) !== canonicalize({ ...mandatory }))
    throw invalid('/summary/mandatory', 'not what the cases say')
}

/**
 * Whether every mandatory case for this kind of target passed, and there is one.
 *
 * @see spec/conformance.md, CONF-12
 */
export function isConformant({ summary: { mandatory } }: Pick<ConformanceRun, 'summary'>): boolean {
  return mandatory.of > 0 && mandatory.passed === mandatory.of
}

/** The digest of a file's exact text, as agreements name it. */
export function fileDigest(bytes: Uint8Array): Digest {
  return digestOf(bytes)
}

function invalid(pointer: string, message: string): ProtocolError {
  return new ProtocolError('CONFORMANCE_INVALID', message, { place: { pointer } })
}
