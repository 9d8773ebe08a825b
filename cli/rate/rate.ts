import { parseBundle, startsAsBundle } from '../../protocol/bundle.ts'
import { maxBundleBytes } from '../../protocol/bundle-record.ts'
import { legalDateOf } from '../../protocol/date.ts'
import { ProtocolError } from '../../protocol/error.ts'
import { parseJson } from '../../protocol/json.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import {
  builtInIndicators,
  type IndicatorSubject,
  indicatorSubject,
} from '../../protocol/record/indicator-set.ts'
import { checkIndicatorRules } from '../../protocol/record/report-rule.ts'
import { isIndicatorSet, maxRecordBytes, parseRecord, parseWith } from '../../protocol/record/schema.ts'
import { compareRates } from '../../protocol/standing/rate/difference.ts'
import { formatDifference, formatRate } from '../../protocol/standing/rate/format.ts'
import { parsePeriod } from '../../protocol/standing/rate/period.ts'
import { type RegionRate, rateOf } from '../../protocol/standing/rate/rate.ts'
import { isActiveNow } from '../../protocol/trust/audience.ts'
import { nameAt } from '../../protocol/trust/registry.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { createClient, parseAnswer } from '../client.ts'
import { type Exit, exits, usageError, type Word, worstOf } from '../exit.ts'
import { readInput } from '../file.ts'
import { parseUrl } from '../option.ts'
import { escapeJson, escapeText, formatError } from '../print.ts'
import { loadTrust } from '../trust-file.ts'
import type { World } from '../world.ts'
import { type FileUse, type Material, readMaterial } from './material.ts'
import { type Dropped, unprovenIn, withoutOpen } from './open.ts'
import { describeDifference, describeRate, describeUses } from './print.ts'
import { shownLogs } from './range.ts'

export interface RateFlags {
  readonly period?: string
  readonly compare?: string
  readonly agency?: string
  readonly indicator?: string
  readonly members?: string
  readonly trust?: string
  readonly node?: string
  readonly unverified?: true
  readonly json?: true
}

/**
 * `csx rate`: the same number as a node's, from files alone; or, with `--node`, what a node says.
 *
 * @see protocol/spec/rate.md, RATE-30 to RATE-33
 */
export async function runRate(files: readonly string[], flags: RateFlags, world: World): Promise<Exit> {
  if (flags.node !== undefined) return askNode(files, flags, world)
  if (files.length === 0) throw usageError('给出文件，或用 --node / name files, or a node by --node')
  const root = await loadTrust(flags.trust, world)
  if (root.fault) throw root.fault
  const { trust, pinned } = root
  const verify = { trust, ...(pinned === undefined ? {} : { pinned }), now: world.now() }
  const all = await readMaterial(files, { verify, unverified: flags.unverified === true }, world)
  const seen = all.ranges.flatMap(({ reports }) => reports)
  const { material, dropped } = withoutOpen(all, seen)
  const read = new Set(all.reports.map(({ digest }) => digest))
  const asked = checkPeriod(flags.period)
  const period = asked ?? newestPeriod(all)
  if (period === undefined) return nothingToCount(material.uses, flags, world)
  const indicators = flags.indicator === undefined ? undefined : await readIndicators(flags.indicator, world)
  const expected = expectedOf(flags, trust)
  const compute = (of: string) =>
    rateOf({
      period: of,
      reports: material.reports,
      seen,
      ...(trust ? { logsOf: (agency) => shownLogs(agency, { trust, ranges: all.ranges, read }) } : {}),
      editionOf: ({ id, digest }) => material.editions.get(`${id} ${digest}`),
      sets: [builtInIndicators, ...material.sets],
      ...(indicators ? { indicators } : {}),
      ...(expected === undefined ? {} : { expected }),
    })
  const rate = compute(period)
  const { reported, expected: of } = rate.reporting
  if (of !== undefined && reported > of)
    throw usageError(
      `--members ${of} 少于已报的 ${reported} 家 / fewer members than the ${reported} that reported`,
    )
  const compare = checkPeriod(flags.compare)
  const answer: JsonObject = {
    ...formatRate(rate, flags.agency),
    ...(compare === undefined ? {} : { difference: formatDifference(compareRates(compute(compare), rate)) }),
    names: namesIn(trust, world.now()),
    unverified: material.uses.some(({ counted, word }) => counted && word !== 'verified'),
    unproven: unprovenIn(rate),
  }
  show(answer, { flags, world, uses: material.uses, dropped })
  return worstOf([
    ...material.uses.map(({ word }) => word),
    ...(dropped.length > 0 ? ['undecided' as const] : []),
    wordOfRate(rate),
  ])
}

/** With `--node` the number is the node's word. */
async function askNode(files: readonly string[], flags: RateFlags, world: World): Promise<Exit> {
  const { period, compare, agency } = flags
  if (files.length > 0) throw usageError('--node 与文件不能同时给出 / files, or --node')
  if (flags.indicator !== undefined || flags.members !== undefined)
    throw usageError('--indicator 和 --members 用于文件 / --indicator and --members go with files')
  if (period === undefined) throw usageError('用 --period 指定季度，如 2026-Q1 / name a quarter by --period')
  const query = new URLSearchParams({ period: checkPeriod(period) ?? period })
  if (compare !== undefined) query.set('compare', checkPeriod(compare) ?? compare)
  if (agency !== undefined) query.set('agency', agency)
  const client = createClient(parseUrl(flags.node ?? ''), world)
  const answer = parseAnswer(await client.call(`/api/v1/rate?${query}`, { maxBytes: 64 << 20 }))
  show(answer, { flags, world, uses: [], dropped: [] })
  const { figures } = answer
  const state = isJsonObject(figures) && isJsonObject(figures.utilisation) && figures.utilisation.state
  return state === 'determined' ? exits.verified : exits.undecided
}

interface Shown {
  readonly flags: RateFlags
  readonly world: World
  readonly uses: readonly FileUse[]
  readonly dropped: readonly Dropped[]
}

function show(answer: JsonObject, { flags, world, uses, dropped }: Shown): void {
  if (flags.json) {
    const files = filesOf(uses)
    const missing = (wanted: boolean) =>
      dropped.flatMap(({ id, isCorrection }) => (isCorrection === wanted ? [id] : []))
    const more =
      flags.node === undefined
        ? { files, missingCorrections: missing(true), missingReports: missing(false) }
        : {}
    world.out(`${escapeJson(JSON.stringify({ ...answer, ...more }))}\n`)
    return
  }
  world.out(describeRate(answer, flags.node === undefined ? 'files' : 'node'))
  if (isJsonObject(answer.difference)) world.out(describeDifference(answer, answer.difference))
  world.out(describeUses(uses))
  for (const { id, isCorrection } of dropped) {
    const what = isCorrection
      ? '更正报告不在文件中，该机关未计 / its correction is not among the files, so the agency is not counted'
      : '本期首份报告不在文件中，该机关未计 / its first report is not among the files, so the agency is not counted'
    world.out(`${escapeText(`? ${what}: ${id}`)}\n`)
  }
}

/** A number that is open, that nothing was counted for, or that may not be of the reports that count, is undecided. */
function wordOfRate(rate: RegionRate): Word {
  const { state } = rate.figures.utilisation
  return state === 'determined' && unprovenIn(rate).length === 0 ? 'verified' : 'undecided'
}

function checkPeriod(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    return parsePeriod(text).name
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw usageError(`季度写作 2026-Q1 / a period is written 2026-Q1: ${text}`)
  }
}

function newestPeriod({ reports }: Material): string | undefined {
  return reports
    .map(({ subject }) => subject.period)
    .toSorted()
    .at(-1)
}

/** There is no number, and what the files are worth is said all the same. */
function nothingToCount(uses: readonly FileUse[], { json }: RateFlags, world: World): Exit {
  world.out(json ? `${escapeJson(JSON.stringify({ files: filesOf(uses) }))}\n` : describeUses(uses))
  const problem = new ProtocolError('RECORD_UNAVAILABLE', 'no file holds a report that counts')
  world.err(`${formatError(problem)}\n`)
  return worstOf([...uses.map(({ word }) => word), 'undecided'])
}

function filesOf(uses: readonly FileUse[]) {
  return uses.map(({ file, word, counted, what, code }) => ({
    file,
    verdict: word,
    counted,
    what,
    ...(code === undefined ? {} : { code }),
  }))
}

function expectedOf(
  { members }: RateFlags,
  trust: Trust | undefined,
): readonly string[] | number | undefined {
  if (members !== undefined) {
    if (!/^[1-9]\d{0,5}$/.test(members))
      throw usageError(`--members 为机关数 / --members is a number of agencies: ${members}`)
    return Number(members)
  }
  return trust && [...trust.members.values()].filter(isActiveNow).map(({ id }) => id)
}

function namesIn(trust: Trust | undefined, now: number): { readonly [id: string]: string } {
  const members = [...(trust?.members.values() ?? [])]
  return Object.fromEntries(members.map(({ id, profile }) => [id, nameAt(profile, legalDateOf(now))]))
}

function readDefinition(bytes: Uint8Array): JsonValue {
  if (!startsAsBundle(bytes)) return parseJson(bytes, maxRecordBytes + 1)
  const { bundle, records } = parseBundle(bytes)
  return parseJson(records.get(bundle.subject.digest) ?? new Uint8Array(), maxRecordBytes)
}

/** A definition by itself, or the record of a set, alone or in a bundle. Whose it is does not matter: its digest is shown. */
async function readIndicators(file: string, world: World): Promise<IndicatorSubject> {
  const value = readDefinition(await readInput(file, maxBundleBytes, world))
  if (isJsonObject(value) && value.credentialSubject !== undefined) {
    const record = parseRecord(value)
    if (!isIndicatorSet(record))
      throw new ProtocolError('SCHEMA_INVALID', 'not a record of an indicator set', {
        place: { pointer: '/type' },
      })
    return record.credentialSubject
  }
  const set = parseWith(indicatorSubject, value)
  checkIndicatorRules(set)
  return set
}
