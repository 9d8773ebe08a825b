import { decodeHex, encodeUtf8 } from '../bytes.ts'
import { ProtocolError } from '../error.ts'
import { digestOf, sha256 } from '../hash.ts'
import { parseMappingSet } from '../mapping/mapping-set.ts'
import { checkMapping } from '../mapping/rule/check.ts'
import type { RecognitionAgreement } from '../record/agreement.ts'
import { commitToMapping } from '../record/agreement-rule.ts'
import type { NamedRow } from '../record/mapping-row.ts'
import { findAgreement } from './agreement-evidence.ts'
import type { KnownLogs } from './known-log.ts'
import type { PinnedEdition } from './pinned-edition.ts'
import type { KnownMapping, RecognitionFacts } from './recognition-facts.ts'
import { rowsByName } from './row-standing.ts'

/**
 * What the logs at hand say of a recognition, and which logs are missing for an answer: node and verifier ask the same.
 *
 * Takes for granted that `known.statements` are verified and all there are in what `covered` names.
 *
 * @param digest of the agreement
 * @see spec/agreement.md, AGREE-30 to AGREE-37 and AGREE-44
 */
export function findRecognition(
  known: KnownLogs,
  agreement: RecognitionAgreement,
  digest: string,
): RecognitionFacts {
  const facts = findAgreement(known, agreement, digest)
  return { ...facts, mapping: mappingOf(known, agreement, facts.editions) }
}

function mappingOf(
  known: KnownLogs,
  { mapping, parties, scope }: RecognitionAgreement,
  editions: readonly PinnedEdition[],
): KnownMapping | undefined {
  const text = known.file('digest' in mapping ? mapping.digest : mapping.commitment)
  if (text === undefined) return undefined
  if ('commitment' in mapping && !opens(known.mappingSalt, text, mapping.commitment)) return undefined
  // A rule about an edition that is not at hand cannot be judged; E3 says that it is missing.
  if (editions.length < scope.editions.length) return undefined
  let rows: readonly NamedRow[]
  try {
    rows = parseMappingSet(encodeUtf8(text))
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { rows: new Map(), errors: [error.code] }
  }
  const byText = new Map(editions.map((edition) => [`${edition.id} ${edition.digest}`, edition]))
  const [first, second] = parties
  const { findings } = checkMapping(rows, {
    edition: (id, digest) => byText.get(`${id} ${digest}`),
    parties: [first.id, second.id],
  })
  const errors = findings.flatMap(({ severity, rule, sentence, rows: chain }) =>
    severity === 'error' ? [`${rule} ${sentence.zh} (${chain.slice(0, 5).join(' → ')})`] : [],
  )
  return { rows: rowsByName(rows), errors }
}

function opens(salt: string | undefined, text: string, commitment: string): boolean {
  return salt !== undefined && commitToMapping(decodeHex(salt), sha256(text)) === commitment
}

/** By digest, and by the commitment that the salt makes of it. */
export function filesByName(
  files: Iterable<string>,
  mappingSalt: string | undefined,
): ReadonlyMap<string, string> {
  const named = new Map<string, string>()
  for (const text of files) {
    named.set(digestOf(text), text)
    if (mappingSalt !== undefined) named.set(commitToMapping(decodeHex(mappingSalt), sha256(text)), text)
  }
  return named
}
