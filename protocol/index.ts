/**
 * What a program outside this repository may build on: reading, verifying and making records, logs, bundles and verdicts. No I/O.
 *
 * @see protocol/README.md, protocol/spec/
 */
export { type Bundle, formatBundle, parseBundle } from './bundle.ts'
export { canonicalize } from './canonical.ts'
export { type CalendarDate, legalDateOf } from './date.ts'
export { type Place, type ProblemCode, ProtocolError, problemCodes } from './error.ts'
export { type Evidence, formatEvidence, parseEvidence } from './evidence.ts'
export { type Digest, digestOf, type Hash } from './hash.ts'
export {
  formatDid,
  formatOrigin,
  formatRecordId,
  parseBaseUrl,
  parseDid,
  parseOrigin,
  parseRecordId,
} from './identifier/name.ts'
export { searchKey, searchNeedle } from './identifier/number-search.ts'
export {
  canonicalKey,
  formatCover,
  formatDatabase,
  parseStandardNumber,
  parseStandardNumbers,
  type StandardNumber,
  workKey,
} from './identifier/standard-number.ts'
export { readJson } from './json.ts'
export type { JsonObject, JsonValue } from './json-value.ts'
export { importPublicKey, type PublicKey, parseMultikey, type Signer, signerFromSeed } from './key.ts'
export { type Checkpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './log/checkpoint.ts'
export { signCosignature, verifyCosignature } from './log/cosignature.ts'
export { type Entry, formatEntry, parseEntry } from './log/entry.ts'
export { leafHash, verifyConsistency, verifyInclusion } from './log/merkle.ts'
export { formatVerifierKey, parseVerifierKey, type VerifierKey } from './log/note.ts'
export { formatTlogProof, parseTlogProof, verifyTlogProof } from './log/tlog-proof.ts'
export { compareAgencies } from './mapping/compare/agency.ts'
export { compareEditions, type EditionComparison } from './mapping/compare/edition.ts'
export { compareLimits, type LimitRelation } from './mapping/limit/compare.ts'
export { formatLimit, parseLimitText } from './mapping/limit/text.ts'
export { formatMappingSet, parseMappingSet } from './mapping/mapping-set.ts'
export { rowIdOf } from './mapping/row-id.ts'
export { type SetOptions, setOfRows } from './mapping/row-to-set.ts'
export { checkMapping, type MappingReport } from './mapping/rule/check.ts'
export { deriveRows } from './mapping/rule/derive.ts'
export type { MappingFinding } from './mapping/rule/finding.ts'
export { type RowsOfSet, rowsOfSet } from './mapping/set-to-row.ts'
export { parseSssomJson } from './mapping/sssom/json.ts'
export { formatSssomJson, formatSssomJsonLd } from './mapping/sssom/json-ld.ts'
export { parseSssomTsv } from './mapping/sssom/read.ts'
export type { MappingSet } from './mapping/sssom/set.ts'
export { formatSssomTsv } from './mapping/sssom/write.ts'
export { suggestClauses } from './mapping/suggest/clause.ts'
export { suggestStandards } from './mapping/suggest/standard.ts'
export { type Message, messageOf } from './message.ts'
export { signRecord } from './proof/sign.ts'
export { composeRecord } from './record/compose.ts'
export { type Draft, parseDraft } from './record/draft.ts'
export type { ExchangeRecord, LifecycleEvent, StandardRecord } from './record/envelope.ts'
export { warningsOf } from './record/rule.ts'
export { parseRecord, recordJsonSchemas } from './record/schema.ts'
export { type Lifecycle, lifecycleAt, type PlacedEvent } from './standing/lifecycle.ts'
export { parseRegistry, type Registry } from './trust/registry.ts'
export { openRegistryChain, parseRegistryChain, type RegistryChain } from './trust/registry-chain.ts'
export { parseRoot, type Root } from './trust/root.ts'
export { openTrust, type Trust } from './trust/trust.ts'
export type { Finding, VerdictWord } from './verdict.ts'
export type { Verified } from './verified.ts'
export { type LoggedRecord, verifyLoggedRecord } from './verify.ts'
export { type AsOf, type Verdict, verifyBundle } from './verify-bundle.ts'
export { verifyEvidence } from './verify-evidence.ts'
