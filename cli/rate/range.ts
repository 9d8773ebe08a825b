import { parseBundle } from '../../protocol/bundle.ts'
import { isPublicEntry } from '../../protocol/log/entry.ts'
import { isImplementationReport } from '../../protocol/record/schema.ts'
import { soundEntry, unlessFaulty } from '../../protocol/standing/range-entry.ts'
import type { ShownLog } from '../../protocol/standing/rate/proof.ts'
import type { PlacedReport } from '../../protocol/standing/rate/report.ts'
import type { Trust } from '../../protocol/trust/trust.ts'
import { verifyLoggedRecord } from '../../protocol/verify.ts'

/** What the range of a bundle shows of one log, whatever the bundle is about. */
export interface ShownRange {
  readonly origin: string
  readonly from: number
  readonly size: number
  /** Those that are sound. */
  readonly reports: readonly PlacedReport[]
  /** Reports whose record is not in the file. */
  readonly unread: readonly { readonly index: number; readonly digest: string }[]
}

/**
 * The public reports in the range of a bundle, each by its own record. That the entries are those of the log is taken for granted.
 *
 * @see protocol/spec/rate.md, RATE-31 and RATE-34
 */
export function readRange(bytes: Uint8Array, trust: Trust): ShownRange | undefined {
  const { bundle, records } = parseBundle(bytes)
  const [range] = bundle.ranges
  if (!range) return undefined
  const { origin, from, entries } = range
  const reports: PlacedReport[] = []
  const unread: { index: number; digest: string }[] = []
  for (const [i, text] of entries.entries()) {
    if (!text.includes('"type":"ImplementationReport"')) continue
    const entry = soundEntry(text, { origin, index: from + i, lastAt: '' })
    if (!entry || !isPublicEntry(entry)) continue
    const { at, digest, index } = entry
    const found = records.get(digest)
    if (!found) {
      unread.push({ index, digest })
      continue
    }
    const record = unlessFaulty(() => verifyLoggedRecord(entry, found, trust))?.record
    if (!record || !isImplementationReport(record)) continue
    reports.push({
      agency: record.issuer,
      id: record.id,
      digest,
      subject: record.credentialSubject,
      ...(record.revisionOf ? { revisionOf: record.revisionOf } : {}),
      at,
      place: { origin, index },
    })
  }
  return { origin, from, size: from + entries.length, reports, unread }
}

/**
 * All logs of an agency, as far as the ranges show them. A report that nobody shows leaves a gap where it stands.
 *
 * @param read digests of the reports that are at hand
 */
export function shownLogs(
  agency: string,
  {
    trust,
    ranges,
    read,
  }: {
    readonly trust: Trust
    readonly ranges: readonly ShownRange[]
    readonly read: ReadonlySet<string>
  },
): readonly ShownLog[] {
  return (trust.members.get(agency)?.origins ?? []).map(({ origin, closed }) => {
    const own = ranges.filter((range) => range.origin === origin)
    return {
      origin,
      ...(closed ? { closedSize: closed.size } : {}),
      size: Math.max(0, ...own.map(({ size }) => size)),
      stretches: own.flatMap((range) => stretchesOf(range, read)),
    }
  })
}

function stretchesOf({ from, size, unread }: ShownRange, read: ReadonlySet<string>) {
  const stretches: (readonly [number, number])[] = []
  let start = from
  for (const { index, digest } of unread) {
    if (read.has(digest)) continue
    stretches.push([start, index])
    start = index + 1
  }
  stretches.push([start, size])
  return stretches
}
