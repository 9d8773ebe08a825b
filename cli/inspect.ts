import { parseAgreementBundle, startsAsAgreementBundle } from '../protocol/agreement-bundle.ts'
import { parseBundle, startsAsBundle } from '../protocol/bundle.ts'
import { maxBundleBytes } from '../protocol/bundle-record.ts'
import { decodeUtf8, encodeBase64, encodeUtf8 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import { isEvidence, parseEvidence } from '../protocol/evidence.ts'
import { digestOf } from '../protocol/hash.ts'
import { parseJson } from '../protocol/json.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../protocol/json-value.ts'
import { parseCheckpoint } from '../protocol/log/checkpoint.ts'
import { parseEntry } from '../protocol/log/entry.ts'
import { maxNoteBytes, parseNote } from '../protocol/log/note.ts'
import { parseTlogProof } from '../protocol/log/tlog-proof.ts'
import { tierNames } from '../protocol/record/vocabulary.ts'
import { parseRegistry } from '../protocol/trust/registry.ts'
import { isRegistryChain, parseRegistryChain } from '../protocol/trust/registry-chain.ts'
import { openTrust } from '../protocol/trust/trust.ts'
import { type Exit, exits } from './exit.ts'
import { readInput } from './file.ts'
import { chainLines, metadataLine } from './inspect-registry.ts'
import { escapeText } from './print.ts'
import { describeTrust } from './trust.ts'
import type { World } from './world.ts'

const maxTextBytes = 8 << 20

/**
 * `csx inspect`: says what is inside a file, and judges nothing. What it prints is what the file claims.
 *
 * @throws {ProtocolError} what is wrong with a file that is none of the known kinds
 */
export async function runInspect(file: string, world: World): Promise<Exit> {
  const bytes = await readInput(file, maxBundleBytes, world)
  world.out(`${escapeText(`文件 / file: ${file}，${bytes.length} 字节 / bytes，${digestOf(bytes)}`)}\n`)
  world.out(describe(bytes))
  world.out(
    '以上仅为文件自述，未作核验；核验请用 csx verify / this is what the file says, unchecked: csx verify judges it\n',
  )
  return exits.verified
}

function describe(bytes: Uint8Array): string {
  if (startsAsAgreementBundle(bytes)) return describeAgreementBundle(bytes)
  if (startsAsBundle(bytes)) return describeBundle(bytes)
  if (bytes.length > maxTextBytes)
    throw new ProtocolError('SIZE_LIMIT', 'too large for anything but a bundle')
  const text = decodeUtf8(bytes)
  if (text.startsWith('c2sp.org/tlog-proof@')) return describeProof(text)
  if (!/^\s*[[{"]/.test(text) && text.includes('\n\n\u2014 ')) return describeNote(text)
  const value = parseJson(bytes, maxTextBytes)
  if (!isJsonObject(value))
    throw new ProtocolError('SCHEMA_INVALID', 'none of the files that this program knows')
  if (isEvidence(value)) return describeEvidence(bytes)
  if (value['@context'] !== undefined || value.credentialSubject !== undefined) return describeRecord(value)
  if (isRegistryChain(value)) return print(chainLines(parseRegistryChain(bytes)))
  if (isJsonObject(value.signed)) return print([metadataLine(value)])
  if (value.members !== undefined && value.network !== undefined) {
    const { registry, fingerprint } = parseRegistry(bytes)
    return `信任文件 / trust file\n${describeTrust(openTrust(registry, fingerprint))}`
  }
  if (value.tier !== undefined && value.log !== undefined) return describeEntry(bytes)
  throw new ProtocolError('SCHEMA_INVALID', 'none of the files that this program knows')
}

function describeBundle(bytes: Uint8Array): string {
  const { bundle, records, statedDigest, actualDigest } = parseBundle(bytes)
  const { subject, proofs, ranges } = bundle
  const lines = [
    `证据包 / bundle: ${statedDigest}${statedDigest === actualDigest ? '' : `（实际 / actually ${actualDigest}）`}`,
    `主体 / subject: ${subject.id}`,
    `  ${subject.digest}，${subject.origin} 第${subject.index}条 / entry ${subject.index}`,
    ...proofs.flatMap(({ entry, proof }) => [
      `入志证明 / inclusion proof: ${parseTlogProof(proof).path.length} 个散列 / hashes`,
      `  ${entry}`,
    ]),
    ...ranges.flatMap((range) => [
      `后续条目 / range: ${range.from}–${range.from + range.entries.length - 1}`,
      ...noteLines(range.checkpoint).map((line) => `  ${line}`),
    ]),
    ...(bundle.registry ? chainLines(bundle.registry) : []),
    `记录 / records: ${records.size}`,
  ]
  const parts = [...records.values()].slice(0, 20).map((record) => {
    const value = parseJson(record, record.length)
    return isJsonObject(value) ? `  ${summaryOf(value)}` : ''
  })
  return print([
    ...lines,
    ...parts,
    ...(records.size > parts.length
      ? [`  …（另有${records.size - parts.length}条 / ${records.size - parts.length} more）`]
      : []),
  ])
}

function describeAgreementBundle(bytes: Uint8Array): string {
  const { bundle, records, texts, statedDigest, actualDigest } = parseAgreementBundle(bytes)
  const { subject, contains, logs, registry } = bundle
  return print([
    `声明证据包 / bundle about an agreement: ${statedDigest}${statedDigest === actualDigest ? '' : `（实际 / actually ${actualDigest}）`}`,
    `声明 / agreement: ${subject.agreement}`,
    `  ${subject.digest}`,
    `读者 / for: ${tierNames[contains].zh} / ${tierNames[contains].en}`,
    ...logs.flatMap(({ checkpoint, from, entries, notes, openings = [] }) => [
      ...noteLines(checkpoint),
      `  条目 / entries: ${from}–${from + entries.length - 1}；早先的检查点 / older checkpoints: ${notes.length}；开启 / opened: ${openings.length}`,
    ]),
    ...(registry ? chainLines(registry) : []),
    `记录 / records: ${records.size}；文件 / files: ${[...texts.keys()].join(' ')}`,
  ])
}

function describeEvidence(bytes: Uint8Array): string {
  const { evidence, statedDigest, actualDigest } = parseEvidence(bytes)
  const leaves = evidence.kind === 'leaf' ? evidence.leaves : []
  return print([
    `分叉证据 / evidence of equivocation: ${statedDigest}${statedDigest === actualDigest ? '' : `（实际 / actually ${actualDigest}）`}`,
    `日志 / log: ${evidence.origin}，${evidence.kind}`,
    ...evidence.notes.flatMap((note) => noteLines(note)),
    ...leaves.map((leaf) => `  ${'entry' in leaf ? leaf.entry : leaf.hash}`),
  ])
}

function describeRecord(record: JsonObject): string {
  const proofs: readonly JsonValue[] = Array.isArray(record.proof) ? record.proof : [record.proof ?? null]
  return print([
    `记录 / record: ${summaryOf(record)}`,
    `发布机关 / issuer: ${textIn(record, 'issuer')}`,
    `公开范围 / tier: ${textIn(record, 'tier')}${record.synthetic === true ? '；合成数据 / synthetic' : ''}`,
    ...proofs.map((proof) =>
      isJsonObject(proof)
        ? `签名 / proof: ${textIn(proof, 'cryptosuite')}，${textIn(proof, 'verificationMethod')}，${textIn(proof, 'domain')}，${textIn(proof, 'created')}`
        : '没有签名 / no proof',
    ),
  ])
}

function summaryOf(record: JsonObject): string {
  const type = Array.isArray(record.type)
    ? record.type.filter((name) => name !== 'VerifiableCredential').join(' ')
    : ''
  const subject = isJsonObject(record.credentialSubject) ? record.credentialSubject : {}
  const numbers = Array.isArray(subject.identifiers)
    ? subject.identifiers.map((number) => (isJsonObject(number) ? textIn(number, 'value') : ''))
    : []
  const about = [
    ...numbers,
    textIn(subject, 'titleZh'),
    textIn(subject, 'eventKind'),
    textIn(subject, 'date'),
  ].filter((part) => part !== '')
  return [type, ...about, textIn(record, 'id')].join('  ')
}

function textIn(value: JsonObject, name: string): string {
  const text = value[name]
  return typeof text === 'string' ? text : ''
}

function describeNote(text: string): string {
  if (encodeUtf8(text).length > maxNoteBytes)
    throw new ProtocolError('NOTE_MALFORMED', 'a note has at most 64 KiB')
  return print(noteLines(text))
}

function noteLines(text: string): readonly string[] {
  const note = parseNote(text)
  const { origin, size, root } = parseCheckpoint(note.text)
  return [
    `检查点 / checkpoint: ${origin}，规模 / size ${size}，根 / root ${encodeBase64(root)}`,
    ...note.signatures.map(({ name, id }) => `  签名 / signature: ${name}+${id}`),
  ]
}

function describeProof(text: string): string {
  const { index, path, checkpoint } = parseTlogProof(text)
  return print([
    `入志证明 / inclusion proof: 第${index}条 / entry ${index}，${path.length} 个散列 / hashes`,
    ...noteLines(checkpoint),
  ])
}

function describeEntry(bytes: Uint8Array): string {
  const entry = parseEntry(bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes)
  return print([
    '日志条目 / log entry',
    ...Object.entries(entry).map(([name, value]) => `  ${name}: ${String(value)}`),
  ])
}

function print(lines: readonly string[]): string {
  return lines.map((line) => `${escapeText(line)}\n`).join('')
}
