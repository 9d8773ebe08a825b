import type { JsonObject } from '../../protocol/json-value.ts'
import type { Warning } from '../../protocol/record/rule.ts'
import type { LifecycleState } from '../../protocol/standing/lifecycle.ts'

/** What to look for; every member narrows. */
export interface StandardQuery {
  /** Words or a number in any spelling. */
  readonly q?: string
  /** A standard number in any spelling; matches its canonical key, or its work where it has no year. */
  readonly number?: string
  readonly class?: string
  readonly level?: string
  readonly state?: LifecycleState
  readonly issuer?: string
  /** The legal date for which states are told. */
  readonly day: string
  readonly limit: number
  readonly offset: number
}

/** One standard in a list. The state is computed for the day asked. */
export interface StandardSummary {
  /** Of one that is not public. */
  readonly tier?: string
  readonly audience?: string
  readonly id: string
  readonly digest: string
  readonly issuer: string
  /** From the registry, never the self-given name alone. */
  readonly issuerName: string
  readonly origin: string
  readonly own: boolean
  readonly index: number
  readonly titleZh: string
  readonly titleEn?: string
  readonly numbers: readonly string[]
  readonly keys: readonly string[]
  readonly level: string
  readonly mandate: string
  readonly class: string
  readonly documentKind?: string
  readonly owners: readonly string[]
  readonly publishedOn?: string
  readonly effectiveOn?: string
  readonly state: LifecycleState
  readonly since?: string
  readonly reviewDue?: string
  readonly revisedBy?: string
  readonly synthetic: boolean
  readonly warnings: readonly Warning[]
}

export interface EventSummary {
  readonly id: string
  readonly digest: string
  readonly origin: string
  readonly index: number
  readonly eventKind: string
  readonly date: string
  readonly announcementNo?: string
}

export interface StandardDetail extends StandardSummary {
  /** The signed record as it was received. */
  readonly record: JsonObject
  readonly events: readonly EventSummary[]
}

export interface StandardPage {
  readonly total: number
  readonly items: readonly StandardSummary[]
}

/** Where a record stands in a log that is held here. */
export interface RecordPlace {
  readonly id: string
  readonly digest: string
  readonly type: string
  readonly issuer: string
  readonly origin: string
  readonly own: boolean
  readonly index: number
  readonly at: string
  readonly tier: string
  readonly audience?: string
}

/** An entry that failed its checks, or one that waits for what it is about: `PENDING_DEPENDENCY`. */
export interface QuarantinedEntry {
  readonly origin: string
  readonly index: number
  readonly code: string
  readonly detail: string
  readonly pointer?: string
  /** When the fault was found; nobody notes since when an entry waits. */
  readonly seenAt?: string
}

/** A file that a record names and that is not here. */
export interface MissingBlob {
  readonly origin: string
  readonly index: number
  readonly digest: string
  readonly mediaType: string
  /** As the record calls it. */
  readonly name: string
  /** What came of asking for it last; `BLOB_MISSING` where nobody was asked yet, or is to be. */
  readonly code: string
}

export interface LogSummary {
  readonly origin: string
  readonly own: boolean
  readonly issuerName: string
  /** Newest signed size known, and how much of it is held and in the read model. */
  readonly size: number
  readonly held: number
  readonly visible: number
  /** The newest size that the witnesses of the registry are known to have seen; absent where it asks for none. */
  readonly witnessed?: number
  readonly state: 'active' | 'halted' | 'frozen'
  readonly fault?: { readonly code: string; readonly detail: string }
  /** Whether evidence of two histories is kept: `findEvidence` has it. */
  readonly evidenced: boolean
  readonly checkedAt?: string
  /** `CHECKPOINT_STALE`: nobody can tell what came after what is here. What is here is as good as before. */
  readonly warning?: { readonly code: 'CHECKPOINT_STALE'; readonly detail: string }
  readonly quarantined: number
  /** Entries that wait for what they are about. */
  readonly pending: number
}

/** Which record: by its digest or its id, or the receipt of the other party for an act of a pair, by the digest of the act. */
export type RecordName =
  | { readonly digest: string }
  | { readonly id: string }
  | { readonly receiptOf: string }

/** What API and console read: of what was committed, what one reader may have. */
export interface Catalogue {
  searchStandards(query: StandardQuery): Promise<StandardPage>
  findStandard(digest: string, day: string): Promise<StandardDetail | undefined>
  /** Editions that one agency issued and no later record revises, with their records, in the order of their numbers. */
  listEditions(
    issuer: string,
    options: { readonly day: string; readonly limit: number },
  ): Promise<readonly { readonly summary: StandardSummary; readonly record: JsonObject }[]>
  findPlace(which: RecordName): Promise<RecordPlace | undefined>
  listLogs(): Promise<readonly LogSummary[]>
  /** The evidence file of the log whose origin has this SHA-256, in hexadecimal. */
  findEvidence(originHash: string): Promise<string | undefined>
  /** At most so many that failed, newest first, and then as many that wait. */
  listQuarantine(limit: number): Promise<readonly QuarantinedEntry[]>
  listMissing(limit: number): Promise<readonly MissingBlob[]>
  /** Keys of the own log's standards that stand unrevised, with what an import compares. */
  findOwnByKeys(keys: readonly string[]): Promise<
    readonly {
      readonly key: string
      readonly id: string
      readonly digest: string
      readonly record: JsonObject
    }[]
  >
}
