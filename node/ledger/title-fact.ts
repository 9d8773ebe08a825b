import { readLine } from '../../protocol/identifier/cell.ts'
import type { kinds } from '../../protocol/record/vocabulary.ts'

/** How titles of invented standards end (DOMAIN section 6). */
export const syntheticMark = '（合成样例）'

export interface Title {
  readonly text: string
  readonly synthetic: boolean
  /** Told by the last word of the title, where it is one that tells. */
  readonly documentKind?: keyof typeof kinds
}

const endings: readonly (readonly [RegExp, keyof typeof kinds])[] = [
  [/规范$/, 'specification'],
  [/规程$/, 'code-of-practice'],
  [/(?:指南|导则|指引)$/, 'guide'],
  [/(?:术语|词汇|术语和定义)$/, 'terminology'],
  [/(?:符号|图形标志)$/, 'symbol'],
  [/(?:分类|编码|代码|分类与代码|分类和代码|分类与编码)$/, 'classification'],
  [/(?:试验|检验|检测|测试|测定)(?:方法)?$/, 'testing'],
  [/评价(?:指标|指标体系|方法|准则)?$/, 'evaluation'],
]

/** @see spec/import.md, IMP-24, IMP-25 */
export function readTitle(cell: string): Title {
  const line = readLine(cell)
  const bare = line.replace(/\s?[（(]合成样例[）)]$/, '')
  const synthetic = bare !== line
  const documentKind = endings.find(([ending]) => ending.test(bare))?.[1]
  return {
    text: synthetic ? bare + syntheticMark : line,
    synthetic,
    ...(documentKind === undefined ? {} : { documentKind }),
  }
}
