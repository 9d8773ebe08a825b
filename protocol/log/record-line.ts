import { encodeHex, encodeUtf8 } from '../bytes.ts'

export interface LineParts {
  readonly index: number
  /** Exact canonical bytes of the record. */
  readonly bytes: Uint8Array
  /** What opens the entry, where it is not public. */
  readonly salt?: Uint8Array | null | undefined
}

/**
 * One line of a page of records, in parts: `{"index":N,"record":…}`, behind the record of an entry that is not public `"salt"`.
 *
 * @see spec/node.md, NODE-5
 */
export function formatLine({ index, bytes, salt }: LineParts): readonly Uint8Array[] {
  const end = salt ? `,"salt":"${encodeHex(salt)}"}\n` : '}\n'
  return [encodeUtf8(`{"index":${index},"record":`), bytes, encodeUtf8(end)]
}
