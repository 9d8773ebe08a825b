import { startsAsAgreementBundle } from '../protocol/agreement-bundle.ts'
import { isBundle, startsAsBundle } from '../protocol/bundle.ts'
import { maxBundleBytes } from '../protocol/bundle-record.ts'
import { encodeUtf8, startsWithBytes } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { isEvidence } from '../protocol/evidence.ts'
import { isDigest } from '../protocol/hash.ts'
import { parseJson } from '../protocol/json.ts'
import { isJsonObject } from '../protocol/json-value.ts'
import { maxRecordBytes } from '../protocol/record/schema.ts'
import { type AsOf, type Finding, findingOf, type Verdict, type VerifyOptions } from '../protocol/verdict.ts'
import { verifyBundle } from '../protocol/verify-bundle.ts'
import { verifyEvidence } from '../protocol/verify-evidence.ts'
import { verifyAgreementBundle } from '../protocol/verify-recognition.ts'
import { verifyRecord } from '../protocol/verify-record.ts'
import { createClient } from './client.ts'
import { type Exit, usageError, type Word, wordOf, worstOf } from './exit.ts'
import { readInput } from './file.ts'
import { gatherBundle } from './gather.ts'
import { isUrl, parseDuration, parseTime, parseUrl, parseVersion } from './option.ts'
import { fetchRecord, locateRecord } from './place.ts'
import { escapeJson, escapeText, formatFinding, verdictNames } from './print.ts'
import { createProgress } from './progress.ts'
import { fingerprintOf, loadTrust, type TrustFile } from './trust-file.ts'
import type { World } from './world.ts'

export interface VerifyFlags {
  readonly trust?: string
  readonly at?: string
  readonly freshWithin?: string
  readonly registryAtLeast?: string
  readonly json?: true
}

export interface Result {
  readonly file: string
  readonly word: Word
  readonly findings: readonly Finding[]
  readonly asOf?: AsOf
}

/**
 * `csx verify`: each file by itself, the verdict last, and the worst of all as the exit.
 *
 * @see protocol/spec/verify.md, VERIFY-16 to VERIFY-23
 */
export async function runVerify(files: readonly string[], flags: VerifyFlags, world: World): Promise<Exit> {
  if (files.filter((file) => file === '-').length > 1)
    throw usageError('标准输入只能用一次 / standard input can be read once')
  for (const file of files) if (isUrl(file)) parseUrl(file)
  const times = {
    now: world.now(),
    ...(flags.at === undefined ? {} : { at: parseTime(flags.at) }),
    ...(flags.freshWithin === undefined ? {} : { freshWithin: parseDuration(flags.freshWithin) }),
    ...(flags.registryAtLeast === undefined ? {} : { registryAtLeast: parseVersion(flags.registryAtLeast) }),
  }
  const root = await loadTrust(flags.trust, world)
  const { trust, pinned } = root
  const options = { trust, ...(pinned === undefined ? {} : { pinned }), ...times }
  const words: Word[] = []
  for (const file of files) {
    const result = explainTrust(await judgeFile(file, options, world), root)
    words.push(result.word)
    if (flags.json) world.out(`${formatJson(result)}\n`)
    else world.out(`${files.length > 1 && words.length > 1 ? '\n' : ''}${formatText(result, root)}`)
  }
  return worstOf(words)
}

/** One file or address; never throws for what is in it. */
async function judgeFile(file: string, options: VerifyOptions, world: World): Promise<Result> {
  try {
    const bytes = isUrl(file)
      ? await fetchEvidence(parseUrl(file), world)
      : await readInput(file, maxBundleBytes, world)
    const verdict = judgeBytes(bytes, options)
    return {
      file,
      word: wordFor(verdict),
      findings: verdict.findings,
      ...(verdict.asOf ? { asOf: verdict.asOf } : {}),
    }
  } catch (error) {
    const problem =
      error instanceof ProtocolError ? error : new ProtocolError('INTERNAL', describeUnforeseen(error))
    const finding = findingOf('form', problem)
    const word = wordOf(problem.code)
    return { file, word, findings: [{ ...finding, outcome: word === 'rejected' ? 'failed' : 'unknown' }] }
  }
}

/**
 * A bundle, evidence of equivocation, or a record by itself; anything else is rejected by what is wrong with it.
 *
 * @see protocol/spec/verify.md, VERIFY-18; protocol/spec/evidence.md, EVID-8
 */
export function judgeBytes(bytes: Uint8Array, options: VerifyOptions): Verdict {
  if (startsAsAgreementBundle(bytes)) return verifyAgreementBundle(bytes, options)
  if (startsAsBundle(bytes)) return verifyBundle(bytes, options)
  try {
    // Only a bundle may be longer than a record, and it begins as above.
    if (bytes.length > maxRecordBytes + 1)
      throw startsWithBytes(bytes, encodeUtf8('{"@context":')) ? tooLong() : neither()
    const value = parseJson(bytes, maxRecordBytes + 1)
    if (isBundle(value)) return verifyBundle(bytes, options)
    if (isEvidence(value)) return verifyEvidence(bytes, options)
    if (!isJsonObject(value) || (value['@context'] === undefined && value.credentialSubject === undefined))
      throw neither()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const finding = findingOf('form', error)
    return { verdict: finding.outcome === 'unknown' ? 'undecided' : 'rejected', findings: [finding] }
  }
  return verifyRecord(bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes, options)
}

function neither(): ProtocolError {
  return new ProtocolError(
    'BUNDLE_MALFORMED',
    'neither a bundle in its one spelling, nor evidence, nor a record',
  )
}

function tooLong(): ProtocolError {
  return new ProtocolError('SIZE_LIMIT', `a record has at most ${maxRecordBytes} bytes`)
}

/** A limit leaves it undecided by the verdict's rules; the exit says that it was one. */
function wordFor({ verdict, findings }: Verdict): Word {
  const limited = findings.some(({ code }) => code !== undefined && wordOf(code) === 'error')
  return verdict === 'undecided' && limited ? 'error' : verdict
}

/** The address of a record at a node stands for its bundle; any other is a file that lies elsewhere. */
async function fetchEvidence(url: string, world: World): Promise<Uint8Array> {
  const [, base, digest] = /^(.*)\/records\/([^/]+)$/.exec(url) ?? []
  if (base !== undefined && digest !== undefined && isDigest(digest)) {
    const client = createClient(base, world)
    const progress = createProgress(world)
    const place = await locateRecord(client, digest).catch((error: unknown) => {
      if (error instanceof ProtocolError && error.code === 'NOT_FOUND') return undefined
      throw error
    })
    if (!place) return fetchRecord(client, digest)
    const { bytes } = await gatherBundle(client, place, (done, all) =>
      progress.report('取得后续条目', 'fetching later entries', done, all),
    )
    return bytes
  }
  return createClient(url, world).call('', { maxBytes: maxBundleBytes, timeout: 120_000 })
}

/** A trust file that cannot be used is said where the reader looks for it. */
function explainTrust(result: Result, { file, fault }: TrustFile): Result {
  if (!fault) return result
  const { detail, code } = findingOf('trust', fault)
  const line: Finding = {
    check: 'trust',
    outcome: 'unknown',
    code: code ?? 'NOT_TRUSTED',
    detail: {
      zh: `信任文件 ${file} 不能使用：${detail.zh}`,
      en: `the trust file ${file} cannot be used: ${detail.en}`,
    },
  }
  return {
    ...result,
    findings: result.findings.map((finding) => (finding.check === 'trust' ? line : finding)),
  }
}

function formatText({ file, word, findings, asOf }: Result, root: TrustFile): string {
  const { file: trustFile, trust } = root
  const fingerprint = root.pinned ?? (trust && fingerprintOf(trust))
  const lines = [`文件 / file: ${file}`]
  const found = findings.map(formatFinding)
  const tail = [
    fingerprint
      ? `信任根指纹 / root of trust: ${fingerprint}${trustFile === fingerprint ? '' : `（${trustFile}）`}`
      : '没有信任根：用 --trust 指定从可靠途径取得的根、指纹或信任文件 / no root of trust: name one with --trust',
    asOf
      ? `截至 ${asOf.origin} 的检查点 ${asOf.size}，时间 ${asOf.loggedAt}；所问时间 ${asOf.at} / as of checkpoint ${asOf.size} of ${asOf.origin}, time ${asOf.loggedAt}; asked for ${asOf.at}`
      : undefined,
    ...(asOf?.logs ?? []).map(
      ({ origin, size, loggedBy }) =>
        `  ${origin}：${size}${loggedBy === undefined ? '' : `，见证于 ${loggedBy}`} / ${size} entries${loggedBy === undefined ? '' : `, witnessed at ${loggedBy}`}`,
    ),
    `结论 / verdict: ${verdictNames[word]}`,
  ]
  return [...lines, ...found, ...tail.filter((line) => line !== undefined)]
    .map((line) => `${escapeText(line)}\n`)
    .join('')
}

/** @see protocol/spec/verify.md, VERIFY-17 */
function formatJson({ file, word, findings, asOf }: Result): string {
  // What could not run has the code of what stopped it.
  const stopped = findings.find((one) => one.outcome !== 'passed' && one.code !== undefined)?.code
  const checks = findings.map(
    ({ check, outcome, code = outcome === 'passed' ? undefined : stopped, detail }) => ({
      check,
      outcome,
      ...(code === undefined ? {} : { code }),
      detail: `${detail.zh} / ${detail.en}`,
    }),
  )
  return escapeJson(JSON.stringify({ file, verdict: word, checks, asOf: asOf ?? null }))
}

function describeUnforeseen(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unforeseen'
}
