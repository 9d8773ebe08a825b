import { startsAsAgreementBundle } from '../../protocol/agreement-bundle.ts'
import { isBundle, parseBundle, startsAsBundle } from '../../protocol/bundle.ts'
import { maxBundleBytes } from '../../protocol/bundle-record.ts'
import { type ProblemCode, ProtocolError } from '../../protocol/error.ts'
import { isEvidence } from '../../protocol/evidence.ts'
import { digestOf } from '../../protocol/hash.ts'
import { parseJson } from '../../protocol/json.ts'
import { isJsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { listProofs } from '../../protocol/proof/verify.ts'
import type { ExchangeRecord, ImplementationReport } from '../../protocol/record/envelope.ts'
import type { IndicatorSubject } from '../../protocol/record/indicator-set.ts'
import {
  isImplementationReport,
  isIndicatorSet,
  isStandardRecord,
  maxRecordBytes,
} from '../../protocol/record/schema.ts'
import type { KnownEdition } from '../../protocol/standing/rate/edition.ts'
import type { PlacedReport } from '../../protocol/standing/rate/report.ts'
import { findingOf, type Text, type Verdict, type VerifyOptions } from '../../protocol/verdict.ts'
import { verifyBundle } from '../../protocol/verify-bundle.ts'
import { verifyRecord } from '../../protocol/verify-record.ts'
import { type Word, wordOf } from '../exit.ts'
import { readInput } from '../file.ts'
import type { World } from '../world.ts'
import { readRange, type ShownRange } from './range.ts'

/** What one file is good for here. */
export interface FileUse {
  readonly file: string
  readonly word: Word
  readonly counted: boolean
  readonly what: 'report' | 'edition' | 'indicator-set' | 'other'
  readonly code?: ProblemCode
  readonly detail?: Text
}

export interface Material {
  readonly uses: readonly FileUse[]
  readonly reports: readonly PlacedReport[]
  readonly editions: ReadonlyMap<string, KnownEdition>
  readonly sets: readonly IndicatorSubject[]
  /** What proven bundles show of their logs. */
  readonly ranges: readonly ShownRange[]
}

export interface MaterialOptions {
  readonly verify: VerifyOptions
  /** Also what is not proven; never what is proven bad. */
  readonly unverified: boolean
}

/**
 * Reads each file as `csx verify` does, and takes from it what a rate rests on.
 *
 * @see protocol/spec/rate.md, RATE-30 and RATE-31
 */
export async function readMaterial(
  files: readonly string[],
  options: MaterialOptions,
  world: World,
): Promise<Material> {
  const uses: FileUse[] = []
  const reports: PlacedReport[] = []
  const editions = new Map<string, KnownEdition>()
  const sets: IndicatorSubject[] = []
  const ranges: ShownRange[] = []
  for (const file of files) {
    const read = await readFile(file, options.verify, world)
    const use = useOf(file, read, options.unverified)
    uses.push(use)
    const range =
      isProven(read) && options.verify.trust ? readRange(read.bytes, options.verify.trust) : undefined
    if (range) ranges.push(range)
    const { record, later, entry } = read.verdict
    if (!use.counted || !record) continue
    if (isImplementationReport(record)) reports.push(placedReport(record, read))
    else if (isStandardRecord(record)) {
      const name = `${record.id} ${read.digest}`
      const before = editions.get(name)
      // The file that goes furthest knows of the most events.
      if (!before || (entry !== undefined && before.events.length <= (later?.events.length ?? 0)))
        editions.set(name, { facts: record.credentialSubject, events: later?.events ?? [] })
    } else if (isIndicatorSet(record)) sets.push(record.credentialSubject)
  }
  return { uses, reports, editions, sets, ranges }
}

interface ReadFile {
  readonly bytes: Uint8Array
  readonly verdict: Verdict
  readonly bundled: boolean
  /** Of the record. */
  readonly digest: string
  readonly fault?: ProtocolError
  /** What the file is, where it is sound but of another kind. */
  readonly kind?: Text
}

async function readFile(file: string, options: VerifyOptions, world: World): Promise<ReadFile> {
  try {
    const bytes = await readInput(file, maxBundleBytes, world)
    if (startsAsAgreementBundle(bytes)) return ofOtherKind(bytes, ofAgreement)
    // Only a bundle may be longer than a record, and it begins as one.
    const value = startsAsBundle(bytes) ? undefined : parseJson(bytes, maxRecordBytes + 1)
    const kind = value === undefined ? undefined : otherKind(value)
    if (kind) return ofOtherKind(bytes, kind)
    if (value === undefined || isBundle(value)) {
      const verdict = verifyBundle(bytes, options)
      return { bytes, verdict, bundled: true, digest: subjectDigest(bytes, verdict) }
    }
    const record = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes
    return { bytes, verdict: verifyRecord(record, options), bundled: false, digest: digestOf(record) }
  } catch (fault) {
    if (!(fault instanceof ProtocolError)) throw fault
    const verdict: Verdict = { verdict: 'rejected', findings: [findingOf('form', fault)] }
    return { bytes: new Uint8Array(), verdict, bundled: false, digest: '', fault }
  }
}

/** Evidence of another kind is judged by `csx verify`: that it is of no use here does not make it bad. */
function otherKind(value: JsonValue): Text | undefined {
  if (isJsonObject(value) && value.format === 'csx-agreement-bundle') return ofAgreement
  return isEvidence(value) ? ofFork : undefined
}

function ofOtherKind(bytes: Uint8Array, kind: Text): ReadFile {
  const fault = new ProtocolError('FILE_TYPE_REFUSED', kind.en)
  const verdict: Verdict = { verdict: 'undecided', findings: [findingOf('form', fault)] }
  return { bytes, verdict, bundled: false, digest: '', fault, kind }
}

function subjectDigest(bytes: Uint8Array, { record }: Verdict): string {
  return record ? parseBundle(bytes).bundle.subject.digest : ''
}

/** That an edition ended or a report was corrected does not make it less of a record; the rate judges that itself. */
const ofItsOwn: ReadonlySet<string> = new Set(['standing', 'validity', 'freshness'])

function useOf(file: string, read: ReadFile, unverified: boolean): FileUse {
  const { verdict, fault, kind } = read
  const { record } = verdict
  const what = record ? kindOf(record) : 'other'
  if (fault) {
    const reason = kind ? { code: fault.code, detail: kind } : reasonOf(fault.code, verdict)
    return { file, word: wordOf(fault.code), counted: false, what, ...reason }
  }
  if (record && what === 'other')
    return { file, word: verdict.verdict, counted: false, what, detail: notOfUse }
  if (record && record.tier !== 'public')
    return { file, word: verdict.verdict, counted: false, what, detail: notPublic }
  if (isProven(read)) return { file, word: 'verified', counted: true, what }
  const amiss = amissIn(verdict)
  const bad = amiss.find(({ outcome }) => outcome === 'failed')
  const [open] = bad ? [bad] : amiss
  const reason = reasonOf(open?.code, verdict)
  if (bad || !record) return { file, word: bad ? 'rejected' : 'undecided', counted: false, what, ...reason }
  return { file, word: 'undecided', counted: unverified, what, ...reason }
}

function amissIn({ findings }: Verdict) {
  return findings.filter(({ check, outcome }) => outcome !== 'passed' && !ofItsOwn.has(check))
}

/** A bundle, with its place and its range. */
function isProven({ verdict, bundled }: ReadFile): boolean {
  return bundled && verdict.later !== undefined && amissIn(verdict).length === 0
}

const notOfUse: Text = {
  zh: '不是报告、标准或指标体系，只看其日志',
  en: 'no report, edition or indicator set: its log alone is looked at',
}
const ofAgreement: Text = {
  zh: '这是一份声明的证据包，请用 csx verify 核验；此处请给出实施情况报告及其所涉标准的证据包（csx bundle <记录标识>）',
  en: 'a bundle about an agreement: judge it by csx verify; here give bundles of reports and of the editions that they name (csx bundle ID)',
}
const ofFork: Text = {
  zh: '这是日志分叉的证据，请用 csx verify 核验；此处请给出实施情况报告及其所涉标准的证据包（csx bundle <记录标识>）',
  en: 'evidence of two histories of a log: judge it by csx verify; here give bundles of reports and of the editions that they name (csx bundle ID)',
}
const notPublic: Text = { zh: '非公开记录，不计', en: 'not public: not counted' }

function reasonOf(code: ProblemCode | undefined, { findings }: Verdict): Pick<FileUse, 'code' | 'detail'> {
  const finding = findings.find((one) => one.code === code && one.outcome !== 'passed')
  return { ...(code === undefined ? {} : { code }), ...(finding ? { detail: finding.detail } : {}) }
}

function kindOf(record: ExchangeRecord): FileUse['what'] {
  if (isImplementationReport(record)) return 'report'
  if (isStandardRecord(record)) return 'edition'
  return isIndicatorSet(record) ? 'indicator-set' : 'other'
}

function placedReport(record: ImplementationReport, { verdict, bundled, digest }: ReadFile): PlacedReport {
  const { entry } = verdict
  const [proof] = listProofs(record.proof)
  return {
    agency: record.issuer,
    id: record.id,
    digest,
    subject: record.credentialSubject,
    ...(record.revisionOf ? { revisionOf: record.revisionOf } : {}),
    at: entry?.at ?? proof?.created ?? '',
    ...(bundled && entry ? { place: { origin: entry.log, index: entry.index } } : {}),
  }
}
