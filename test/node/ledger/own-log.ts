import { readFileSync } from 'node:fs'
import type { CommitOptions } from '../../../node/ledger/import.ts'
import { canonicalBytes } from '../../../protocol/canonical.ts'
import { digestOf } from '../../../protocol/hash.ts'
import type { JsonObject } from '../../../protocol/json-value.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'
import { parseDraft } from '../../../protocol/record/draft.ts'

const issuer = 'did:web:localhost%3A7401'

export interface Receipt {
  readonly id: string
  readonly digest: string
}

export interface OwnLog extends CommitOptions<Receipt> {
  /** One batch for each call of `publish`. */
  readonly batches: JsonObject[][]
  readonly records: Map<string, any>
}

/** A node as the import sees it: what it published, found by key; batch after batch, each whole. */
export function openOwnLog(extra: Partial<CommitOptions<Receipt>> = {}): OwnLog {
  const records = new Map<string, any>()
  const batches: JsonObject[][] = []
  return {
    day: '2026-03-01',
    network: 'synthetic',
    batches,
    records,
    async findOwnByKeys(keys) {
      const wanted = new Set(keys)
      return [...records.values()].flatMap(({ id, digest, record }) =>
        record.credentialSubject.identifiers
          .filter(({ canonicalKey }: any) => wanted.has(canonicalKey))
          .map(({ canonicalKey }: any) => ({ key: canonicalKey, id, digest, record })),
      )
    },
    async publish(drafts) {
      batches.push([...drafts])
      return drafts.map((draft) => {
        const n = batches.flat().indexOf(draft)
        const id = `https://localhost:7401/id/00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
        const record = JSON.parse(
          new TextDecoder().decode(canonicalBytes(composeRecord(parseDraft(draft), { id, issuer }))),
        )
        const digest = digestOf(canonicalBytes(record))
        const revised = record.revisionOf?.id
        if (revised !== undefined) records.delete(revised)
        records.set(id, { id, digest, record })
        return { id, digest }
      })
    },
    ...extra,
  }
}

export function fixture(name: 'bishan' | 'meishan'): Uint8Array {
  return readFileSync(new URL(`../../../fixtures/region/${name}.csv`, import.meta.url))
}

export const header =
  '序号,体系编号,标准号,标准名称,级别,类别,发布日期,实施日期,状态,代替关系,归口单位,ICS,CCS,适用职能,复审到期,备注'

/** A row in the order of `header`; what is not given is empty. */
export function csvRow(cells: Readonly<Record<string, string>>): string {
  const full: Record<string, string> = {
    标准号: 'DB50/T 1055—2020',
    标准名称: '公务用车信息化平台管理规范',
    类别: '信息化',
    ...cells,
  }
  return header
    .split(',')
    .map((name) => quote(full[name] ?? ''))
    .join(',')
}

export function csv(...rows: readonly Readonly<Record<string, string>>[]): Uint8Array {
  return utf8([header, ...rows.map(csvRow)].join('\r\n'))
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function quote(text: string): string {
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function utf16(text: string, order: 'le' | 'be'): Uint8Array {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le')
  return order === 'le' ? bytes : bytes.swap16()
}

/** GBK, by turning the decoder of the platform around. */
export function gbk(text: string): Uint8Array {
  const decoder = new TextDecoder('gb18030')
  const table = new Map<string, readonly number[]>()
  for (let high = 0x81; high <= 0xfe; high += 1) {
    for (let low = 0x40; low <= 0xfe; low += 1) {
      if (low !== 0x7f) table.set(decoder.decode(Uint8Array.of(high, low)), [high, low])
    }
  }
  return Uint8Array.from(
    Array.from(text).flatMap((character) => {
      const code = character.codePointAt(0)!
      const bytes = code < 0x80 ? [code] : table.get(character)
      if (!bytes) throw new Error(`${character} is not in GBK`)
      return bytes
    }),
  )
}
