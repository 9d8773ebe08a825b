import type { NamedRow } from '../../record/mapping-row.ts'
import type { Words } from '../limit/words.ts'
import { type FindingCode, findingCodes, type Rule } from './code.ts'

/** What a rule has against some rows. */
export interface MappingFinding {
  readonly rule: Rule
  readonly code: FindingCode
  /** `error`: of an accepted row, or of the names of rows. What is not accepted yet may still be put right. */
  readonly severity: 'error' | 'warning'
  /** Names of the rows that together make it: first the one it is about, then the chain. */
  readonly rows: readonly string[]
  readonly sentence: Words
  readonly repair: Words
}

export interface FindingDetail {
  /** The rest of the chain. */
  readonly chain?: readonly string[]
  readonly words?: Words
  readonly severity?: MappingFinding['severity']
}

export function findingOf(
  code: FindingCode,
  { row, mapping }: NamedRow,
  { chain = [], words, severity }: FindingDetail = {},
): MappingFinding {
  const [rule, zh, en, repairZh, repairEn] = findingCodes[code]
  return {
    rule,
    code,
    severity: severity ?? (mapping.state === 'accepted' ? 'error' : 'warning'),
    rows: [row, ...chain],
    sentence: words ? { zh: `${zh}：${words.zh}`, en: `${en}: ${words.en}` } : { zh, en },
    repair: { zh: repairZh, en: repairEn },
  }
}
