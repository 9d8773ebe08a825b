/** What one slot holds: text, a list of texts, or a number. Entity references are full IRIs. */
export type SlotValue = string | number | readonly string[]

/** A slot that the schema does not have. Without a declaration its property is `http://sssom.invalid/` and the name. */
export interface Extension {
  readonly name: string
  readonly property: string
  /** The IRI of its type: `xsd:string` where none is declared. */
  readonly type: string
}

/** Values in the order of the columns of the set; `undefined` where the row has none. */
export type MappingRecord = readonly (SlotValue | undefined)[]

/**
 * A mapping set of SSSOM as a table, with what the set says of its rows already in them: `columns` are slots of the schema in its
 * order, then extensions by property. No column is empty.
 */
export interface MappingSet {
  /** Slots of the set that are not propagated, or cannot be because rows differ. */
  readonly metadata: ReadonlyMap<string, SlotValue>
  readonly prefixes: ReadonlyMap<string, string>
  readonly extensions: ReadonlyMap<string, Extension>
  /** Values of extensions in the set itself. */
  readonly extra: ReadonlyMap<string, string>
  readonly columns: readonly string[]
  readonly records: readonly MappingRecord[]
}

/** What is not as the specification has it and yet can be read. */
export interface Remark {
  readonly what: string
  readonly cell?: string
  readonly pointer?: string
}

export interface ReadSet {
  readonly set: MappingSet
  readonly remarks: readonly Remark[]
  /** Where a record stands in what was read: `row 17`. */
  readonly placeOf: (index: number) => string
}

export const noTermFound = 'https://w3id.org/sssom/NoTermFound'

export const sssomLimits = {
  bytes: 128 << 20,
  metadataBytes: 256 << 10,
  records: 1_000_000,
  columns: 256,
  /** Rows times columns: what is held for them, also where they are empty. */
  cells: 32_000_000,
  /** Characters of one cell. */
  cell: 65_536,
  /** Characters of a key of the metadata block: what YAML takes on one line. */
  key: 1024,
  /** Values of one slot. */
  values: 4096,
  prefixes: 4096,
} as const
