import { decodeUtf8 } from '../../protocol/bytes.ts'
import {
  composeRun,
  failedFor,
  judgeSample,
  notRun,
  type RunFacts,
} from '../../protocol/conformance/judge.ts'
import {
  type CaseResult,
  type ConformanceRun,
  checkRun,
  fileDigest,
  formatRun,
  isConformant,
  maxRunBytes,
  outcomes,
  parseRun,
  type RunTarget,
} from '../../protocol/conformance/run.ts'
import { maxSchemaBytes, type OpenedSchema, openSchema } from '../../protocol/conformance/schema.ts'
import {
  type ConformanceSuite,
  checkSuite,
  maxSuiteBytes,
  parseSuite,
} from '../../protocol/conformance/suite.ts'
import { formatMoment } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import type { Digest } from '../../protocol/hash.ts'
import { parseJson } from '../../protocol/json.ts'
import type { JsonValue } from '../../protocol/json-value.ts'
import { type Exit, exits, usageError } from '../exit.ts'
import { readInput, writeAtomically } from '../file.ts'
import { parseUrl } from '../option.ts'
import { escapeJson, escapeText, formatTable } from '../print.ts'
import type { World } from '../world.ts'
import { tryEndpoint } from './endpoint.ts'

interface SuiteFlags {
  readonly suite: string
  readonly schema: string
  readonly json?: true
}

export interface RunFlags extends SuiteFlags {
  readonly url?: string
  readonly sample?: string
  readonly by: string
  readonly environment: string
  readonly output?: string
}

export type CheckFlags = SuiteFlags

const maxSampleBytes = 16 << 20
const maxCaseTime = 15_000
const maxRunTime = 600_000

interface OpenedSuite {
  readonly suite: ConformanceSuite
  readonly suiteDigest: Digest
  readonly schema: OpenedSchema
}

/**
 * `csx conformance run`: every case for this kind of target, and the run to be signed.
 *
 * @see protocol/spec/conformance.md, CONF-32
 */
export async function runConformance(flags: RunFlags, world: World): Promise<Exit> {
  if ((flags.url === undefined) === (flags.sample === undefined))
    throw usageError('请写 --url 或 --sample 之一 / one of --url and --sample')
  const url = flags.url === undefined ? undefined : parseUrl(flags.url)
  const opened = await openSuite(flags, world)
  const { suite, suiteDigest, schema } = opened
  const facts = {
    suiteDigest,
    runBy: flags.by,
    ranAt: formatMoment(world.now()).replace(/\.\d+Z$/, 'Z'),
    environment: flags.environment,
  }
  checkFacts(suite, { ...facts, target: url === undefined ? { sample: suiteDigest } : { url } })
  const { target, results } =
    url === undefined
      ? trySample(await readInput(flags.sample ?? '', maxSampleBytes, world), suite, schema)
      : await tryUrl(url, opened, world)
  const text = formatRun(composeRun(suite, results, { ...facts, target }))
  // What could not be read back must not be signed.
  const read = parseRun(Buffer.from(text))
  if (flags.output !== undefined) await writeAtomically(flags.output, text)
  report(read, suite, { digest: fileDigest(Buffer.from(text)), json: flags.json, world })
  return isConformant(read) ? exits.verified : exits.rejected
}

/** What the run will say of itself, before anybody is asked anything. */
function checkFacts(suite: ConformanceSuite, facts: RunFacts): void {
  try {
    parseRun(Buffer.from(formatRun(composeRun(suite, [], facts))))
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const flag = { '/runBy': '--by', '/environment': '--environment' }[error.place.pointer ?? ''] ?? '--url'
    throw usageError(`${flag} 不能写入运行结果 / cannot be written into a run: ${error.message}`)
  }
}

/**
 * `csx conformance check`: a run against its suite and schema, offline.
 *
 * @see protocol/spec/conformance.md, CONF-33
 */
export async function checkConformance(file: string, flags: CheckFlags, world: World): Promise<Exit> {
  const { suite, suiteDigest, schema } = await openSuite(flags, world)
  const bytes = await readInput(file, maxRunBytes, world)
  const run = parseRun(bytes)
  checkRun(run, suite, { suite: suiteDigest, schema: schema.digest })
  report(run, suite, { digest: fileDigest(bytes), json: flags.json, world })
  return isConformant(run) ? exits.verified : exits.rejected
}

async function openSuite(flags: SuiteFlags, world: World): Promise<OpenedSuite> {
  const bytes = await readInput(flags.suite, maxSuiteBytes, world)
  const schema = openSchema(await readInput(flags.schema, maxSchemaBytes, world))
  const suite = parseSuite(bytes)
  checkSuite(suite, schema)
  return { suite, suiteDigest: fileDigest(bytes), schema }
}

interface Tried {
  readonly target: RunTarget
  readonly results: readonly CaseResult[]
}

function trySample(bytes: Uint8Array, suite: ConformanceSuite, schema: OpenedSchema): Tried {
  const target = { sample: fileDigest(bytes) }
  let sample: JsonValue
  try {
    sample = parseJson(bytes, maxSampleBytes)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const { code } = error
    const results = suite.cases.flatMap((one) =>
      one.kind === 'sample' ? [failedFor(one, `样例不是合规的 JSON / not sound JSON: ${code}`)] : [],
    )
    return { target, results }
  }
  return {
    target,
    results: suite.cases.flatMap((one) => (one.kind === 'sample' ? [judgeSample(one, schema, sample)] : [])),
  }
}

/** Nothing is said of an endpoint that was never reached; what the time did not suffice for was not run. */
async function tryUrl(url: string, { suite, schema }: OpenedSuite, world: World): Promise<Tried> {
  const results: CaseResult[] = []
  const faults: ProtocolError[] = []
  const end = world.now() + maxRunTime
  for (const one of suite.cases) {
    if (one.kind !== 'endpoint') continue
    const left = end - world.now()
    if (left <= 0) break
    const outcome = await tryEndpoint(one, { url, schema, timeout: Math.min(left, maxCaseTime) }, world)
    if ('fault' in outcome) {
      faults.push(outcome.fault)
      results.push(failedFor(one, `没有答复 / no answer: ${outcome.fault.code}`))
    } else results.push(outcome.result)
  }
  const [first] = faults
  if (first && faults.length === results.length) throw first
  const late = suite.cases.filter(
    ({ kind, id }) => kind === 'endpoint' && !results.some((one) => one.id === id),
  )
  if (late.length > 0)
    world.err(
      `! 全部用例限时10分钟，已到：${late.length}个用例未运行 / ten minutes for all cases are over: ${late.length} were not run\n`,
    )
  const detail = '总时限10分钟已到，未运行 / not run: the ten minutes for all cases were over'
  return { target: { url }, results: [...results, ...late.map((one) => notRun(one, detail))] }
}

interface Report {
  readonly digest: Digest
  readonly json: true | undefined
  readonly world: World
}

function report(run: ConformanceRun, suite: ConformanceSuite, { digest, json, world }: Report): void {
  if (json) {
    world.out(`${escapeJson(decodeUtf8(Buffer.from(formatRun(run))).trimEnd())}\n`)
    return
  }
  const rows = run.cases.map(({ id, outcome, detail }, i) => [
    outcome === 'passed' ? '✓' : outcome === 'failed' ? '✗' : '–',
    suite.cases[i]?.title ?? id,
    id,
    suite.cases[i]?.mandatory ? '必测 mandatory' : '选测 optional',
    `${outcomes[outcome].zh} ${outcomes[outcome].en}`,
    detail,
  ])
  const { mandatory, passed, failed, notRun } = run.summary
  const verdict = isConformant(run)
    ? '✓ 必测项全部通过 / every mandatory case passed'
    : mandatory.of === 0
      ? '✗ 测试集中没有适用于此类对象的必测项 / the suite has no mandatory case for this kind of target'
      : '✗ 必测项未全部通过 / a mandatory case did not pass'
  const lines = [
    `测试集 / suite: ${run.suite.id} ${run.suite.version}`,
    `对象 / target: ${'url' in run.target ? run.target.url : run.target.sample}`,
    `运行方 / run by: ${run.runBy}，${run.ranAt}，${run.environment}`,
  ]
  const tail = [
    `通过${passed}，未通过${failed}，未运行${notRun}；必测项${mandatory.of}项中通过${mandatory.passed}项 / ${passed} passed, ${failed} failed, ${notRun} not run; ${mandatory.passed} of ${mandatory.of} mandatory`,
    `运行结果摘要 / digest of the run: ${digest}`,
    verdict,
  ]
  const written = (texts: readonly string[]) => texts.map((text) => `${escapeText(text)}\n`).join('')
  world.out(`${written(lines)}${formatTable(rows)}${written(tail)}`)
}
