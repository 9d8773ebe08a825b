import type { ProblemCode } from '../error.ts'
import { doNotUse, fixField, type Row } from './remedy.ts'

/** Words of codes about mapping sets. */
export const mappingRows = {
  SSSOM_MALFORMED: [
    '不是合格的 SSSOM 文件',
    'not a well-formed SSSOM file',
    '请按所指位置改正，或重新导出文件',
    'correct the place named, or export the file again',
  ],
  SSSOM_PREFIX_INVALID: [
    '标识符的前缀未声明或不正确',
    'the prefix of an identifier is not declared, or wrong',
    '请在 curie_map 中声明该前缀',
    'declare the prefix in curie_map',
  ],
  SSSOM_SLOT_MISSING: ['映射缺少必填项', 'a mapping lacks what it must have', ...fixField],
  SSSOM_VALUE_INVALID: ['映射中的值不符合其类型', 'a value of a mapping is not of its type', ...fixField],
  SSSOM_VERSION_UNKNOWN: [
    '不认识的 SSSOM 版本',
    'an unknown version of SSSOM',
    '请导出为 1.1 或 1.0 版本',
    'export it as version 1.1 or 1.0',
  ],
  SSSOM_NOT_CANONICAL: ['映射集不是规范形式', 'the mapping set is not in its canonical form', ...doNotUse],
  SSSOM_ROW_FOREIGN: [
    '此行无法成为本系统的映射行',
    'this row cannot be a row of this exchange',
    '请补全所指的内容（条款、版本摘要、关系）后再导入',
    'complete what is named (clause, digest of the edition, relation) and import again',
  ],
} as const satisfies Partial<Record<ProblemCode, Row>>
