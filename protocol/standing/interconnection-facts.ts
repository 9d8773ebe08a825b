import { encodeUtf8 } from '../bytes.ts'
import { type ConformanceRun, parseRun } from '../conformance/run.ts'
import { type OpenedSchema, openSchema } from '../conformance/schema.ts'
import { type ConformanceSuite, parseSuite } from '../conformance/suite.ts'
import { ProtocolError } from '../error.ts'
import type { InterconnectionAgreement } from '../record/agreement.ts'
import { findAgreement } from './agreement-evidence.ts'
import type { AgreementFacts } from './agreement-facts.ts'
import type { KnownLogs } from './known-log.ts'

/** A file that an agreement pins: read, found faulty, or not at hand. */
export type KnownFile<T> = { readonly value: T } | { readonly fault: string } | undefined

/** All that the standing of an interconnection rests on, as known at one place in each log. */
export interface InterconnectionFacts extends AgreementFacts {
  readonly schema: KnownFile<OpenedSchema>
  readonly suite: KnownFile<ConformanceSuite>
  /** By each party, in the order of the parties. */
  readonly runs: readonly [KnownFile<ConformanceRun>, KnownFile<ConformanceRun>]
}

/**
 * What the logs and files at hand say of an interconnection.
 *
 * Takes for granted that `known.statements` are verified and all there are in what `covered` names, and that `known.file` gives the text
 * of the digest asked for.
 *
 * @param digest of the agreement
 * @see spec/agreement.md, AGREE-70 and AGREE-71
 */
export function findInterconnection(
  known: KnownLogs,
  agreement: InterconnectionAgreement,
  digest: string,
): InterconnectionFacts {
  const { scope, results } = agreement
  return {
    ...findAgreement(known, agreement, digest),
    schema: readFile(known.file(scope.schema), openSchema),
    suite: readFile(known.file(scope.suite.digest), parseSuite),
    runs: [readFile(known.file(results[0]), parseRun), readFile(known.file(results[1]), parseRun)],
  }
}

function readFile<T>(text: string | undefined, read: (bytes: Uint8Array) => T): KnownFile<T> {
  if (text === undefined) return undefined
  try {
    return { value: read(encodeUtf8(text)) }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { fault: `${error.code}${error.place.pointer === undefined ? '' : ` ${error.place.pointer}`}` }
  }
}
