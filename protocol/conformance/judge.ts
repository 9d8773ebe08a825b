import { ProtocolError } from '../error.ts'
import type { Digest } from '../hash.ts'
import { parseJson } from '../json.ts'
import { isJsonObject, type JsonValue } from '../json-value.ts'
import type { Fault } from './evaluate.ts'
import { type CaseResult, type ConformanceRun, isFor, type RunTarget, summaryOf } from './run.ts'
import { faultOf, type OpenedSchema } from './schema.ts'
import type { ConformanceCase, ConformanceSuite } from './suite.ts'

/** No answer of an interface under test may be larger. */
export const maxAnswerBytes = 4 << 20

/** What an endpoint answered. */
export interface Answer {
  readonly status: number
  /** As the header says it. */
  readonly contentType: string | undefined
  readonly body: Uint8Array
}

type SampleCase = Extract<ConformanceCase, { readonly kind: 'sample' }>
type EndpointCase = Extract<ConformanceCase, { readonly kind: 'endpoint' }>

/**
 * One case against sample data. A document that cannot be judged within bounds has failed, whatever was expected.
 *
 * @throws {ProtocolError} `JSON_SCHEMA_REFUSED` where the schema has no such part
 * @see spec/conformance.md, CONF-30
 */
export function judgeSample(one: SampleCase, schema: OpenedSchema, sample: JsonValue): CaseResult {
  const document = find(sample, one.at ?? '')
  if (document === undefined)
    return resultOf(one, false, `样例中没有 ${one.at ?? ''} / nothing stands there in the sample`)
  return guarded(one, () => {
    const fault = faultOf(schema, document, one.part)
    const wanted = one.expect === 'valid'
    if (fault === undefined)
      return resultOf(
        one,
        wanted,
        wanted ? '符合模式 / valid' : '本应不符合模式 / valid, and ought not to be',
      )
    return resultOf(one, !wanted, describeFault(fault))
  })
}

/**
 * One case by what an endpoint answered.
 *
 * @throws {ProtocolError} `JSON_SCHEMA_REFUSED` where the schema has no such part
 * @see spec/conformance.md, CONF-31
 */
export function judgeAnswer(
  one: EndpointCase,
  schema: OpenedSchema,
  { status, contentType, body }: Answer,
): CaseResult {
  if (status !== one.status)
    return resultOf(
      one,
      false,
      `状态码为${status}，应为${one.status} / status ${status}, expected ${one.status}`,
    )
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  if (one.mediaType !== undefined && mediaType !== one.mediaType)
    return resultOf(
      one,
      false,
      `媒体类型不是 ${one.mediaType} / media type ${(mediaType ?? 'none').slice(0, 100)}`,
    )
  if (one.body === 'any') return resultOf(one, true, `状态码${status} / status ${status}`)
  return guarded(one, () => {
    const fault = faultOf(schema, parseJson(body, maxAnswerBytes), one.part)
    return resultOf(one, fault === undefined, fault ? describeFault(fault) : '符合模式 / valid')
  })
}

/** A case that is for another kind of target, or that could not be tried. */
export function notRun({ id }: Pick<ConformanceCase, 'id'>, detail: string): CaseResult {
  return { id, outcome: 'not-run', detail: plainLine(detail) }
}

/** A case whose answer never came, or is no answer. */
export function failedFor({ id }: Pick<ConformanceCase, 'id'>, detail: string): CaseResult {
  return { id, outcome: 'failed', detail: plainLine(detail) }
}

export interface RunFacts {
  readonly suiteDigest: Digest
  readonly target: RunTarget
  readonly runBy: string
  readonly ranAt: string
  readonly environment: string
}

/** A whole run, of the result of each case in the suite's order. @see spec/conformance.md, CONF-10 */
export function composeRun(
  suite: ConformanceSuite,
  results: readonly CaseResult[],
  { suiteDigest, target, runBy, ranAt, environment }: RunFacts,
): ConformanceRun {
  const cases = suite.cases.map(
    (one) =>
      results.find(({ id }) => id === one.id) ??
      notRun(one, isFor(one, target) ? '未运行 / not run' : '不适用于此对象 / for another kind of target'),
  )
  return {
    format: 'csx-conformance-run',
    v: 1,
    suite: { id: suite.id, version: suite.version, digest: suiteDigest },
    schema: suite.schema,
    target,
    runBy,
    ranAt,
    environment,
    cases,
    summary: summaryOf(suite, cases, target),
  }
}

/** What is wrong with the document, or too much for a reader, is the case's own; a schema without the part is the suite's. */
function guarded(one: Pick<ConformanceCase, 'id'>, run: () => CaseResult): CaseResult {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code === 'JSON_SCHEMA_REFUSED') throw error
    return resultOf(one, false, `${error.code} ${error.message}`)
  }
}

function resultOf({ id }: Pick<ConformanceCase, 'id'>, passed: boolean, detail: string): CaseResult {
  return { id, outcome: passed ? 'passed' : 'failed', detail: plainLine(detail) }
}

function describeFault({ at, keyword }: Fault): string {
  const place = at === '' ? '/' : at.slice(0, 300)
  return `不符合模式：${place}（${keyword}） / not valid at ${place.slice(0, 100)}`
}

/** As a field of a signed file wants it. */
function plainLine(text: string): string {
  const plain = text
    .normalize('NFC')
    .replace(/[^\x20-\x7e\u3000-\u303f\u4e00-\u9fff\uff01-\uff60]/gu, '?')
    .trim()
    .slice(0, 500)
    .trim()
  return plain === '' ? '?' : plain
}

function find(value: JsonValue, pointer: string): JsonValue | undefined {
  let here: JsonValue | undefined = value
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(here)) here = /^(?:0|[1-9]\d{0,6})$/.test(name) ? here[Number(name)] : undefined
    else if (isJsonObject(here)) here = Object.hasOwn(here, name) ? here[name] : undefined
    else return undefined
  }
  return here
}
