import { ProtocolError } from '../protocol/error.ts'
import { findForbiddenCharacter } from '../protocol/identifier/text.ts'
import { isTriedAgain, messageOf } from '../protocol/message.ts'
import type { Check, Finding, Outcome } from '../protocol/verdict.ts'
import type { Word } from './exit.ts'

/**
 * Text from outside, with everything that could move a cursor, hide, or reorder what is seen written as its code point. Line
 * feeds too: one finding is one line.
 *
 * @see protocol/spec/verify.md, VERIFY-23
 */
export function escapeText(text: string): string {
  return escapeWith(text, (point) => `\\u{${point.toString(16)}}`)
}

/** The same for a line of JSON, in JSON's own escapes. */
export function escapeJson(text: string): string {
  return escapeWith(text, (point) =>
    [...String.fromCodePoint(point)]
      .flatMap((char) => Array.from({ length: char.length }, (_, i) => char.charCodeAt(i)))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

function escapeWith(text: string, write: (point: number) => string): string {
  if (findForbiddenCharacter(text) === undefined && text.isWellFormed()) return text
  let safe = ''
  for (const char of text) {
    const bad = findForbiddenCharacter(char) !== undefined || !char.isWellFormed()
    safe += bad ? write(char.codePointAt(0) ?? 0) : char
  }
  return safe
}

const marks: Readonly<Record<Outcome, string>> = { passed: '✓', failed: '✗', unknown: '?' }

const checkNames: Readonly<Record<Check, string>> = {
  form: '格式',
  trust: '信任根',
  issuer: '发布机关',
  checkpoint: '检查点',
  witness: '见证',
  inclusion: '入志证明',
  entry: '条目',
  schema: '结构',
  proof: '签名',
  time: '时间',
  readers: '读者',
  receipt: '收讫',
  range: '后续条目',
  standing: '效力',
  holding: '持有',
  validity: '有效期',
  freshness: '新鲜度',
}

/** One line: mark, check, code, what was found, what to do. */
export function formatFinding({ check, outcome, code, detail }: Finding): string {
  const head = `${marks[outcome]} ${checkNames[check]} ${check}${code === undefined ? '' : ` ${code}`}`
  const remedy = code === undefined ? '' : `  → ${remedyOf(code)}`
  return escapeText(`${head}  ${detail.zh} / ${detail.en}${remedy}`)
}

/** A command has ended, and nothing is tried again by itself. */
function remedyOf(code: NonNullable<Finding['code']>): string {
  if (isTriedAgain(code))
    return '请核对所给的文件、地址与网络，稍后再试 / check the files, the address and the network, and try again later'
  const { remedyZh, remedyEn } = messageOf(code)
  return `${remedyZh} / ${remedyEn}`
}

export const verdictNames: Readonly<Record<Word, string>> = {
  verified: '✓ 已核实 / verified',
  rejected: '✗ 不予采信 / rejected',
  undecided: '? 不可判定 / undecided',
  error: '! 未能核验 / error',
}

/** A line of good news about a step. */
export function formatDone(zh: string, en: string): string {
  return escapeText(`✓ ${zh} / ${en}`)
}

/** Why a command stops, on one line; never a stack. */
export function formatError(error: unknown): string {
  if (!(error instanceof ProtocolError)) {
    const { zh, en, remedyZh, remedyEn } = messageOf('INTERNAL')
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return escapeText(`✗ INTERNAL  ${zh} / ${en}: ${reason.slice(0, 300)}  → ${remedyZh} / ${remedyEn}`)
  }
  const { zh, en } = messageOf(error.code)
  const { pointer, cell, index } = error.place
  const place = [pointer, cell, index === undefined ? undefined : `#${index}`].filter((part) => part)
  const at = place.length > 0 ? ` (${place.join(' ')})` : ''
  return escapeText(`✗ ${error.code}${at}  ${zh} / ${en}: ${error.message}  → ${remedyOf(error.code)}`)
}

/** Columns that terminals give a text: two for East Asian wide characters. */
export function widthOf(text: string): number {
  let width = 0
  for (const char of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
        char,
      )
        ? 2
        : 1
  return width
}

/** Rows with their columns under one another; the last column runs free. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map(escapeText))
  const widths: number[] = []
  for (const row of safe)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell))
  return safe
    .map((row) =>
      row
        .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell))))
        .join('  '),
    )
    .map((line) => `${line}\n`)
    .join('')
}
