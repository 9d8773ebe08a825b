import type { ProtocolError } from '../protocol/error.ts'
import { usageError } from './exit.ts'

/** What the reader of the command line finds, by how it begins, and the same in Chinese. */
const usageWords: readonly (readonly [begins: string, zh: string])[] = [
  ['required option', '缺少必需的选项'],
  ['missing required argument', '缺少必需的参数'],
  ['unknown option', '没有这个选项'],
  ['unknown command', '没有这个命令'],
  ['too many arguments', '参数过多'],
]

/**
 * What the reader of the command line says, as any other refusal: `缺少必需的选项 --node <url> / required option '--node <url>' not
 * specified`.
 *
 * @see protocol/spec/verify.md, VERIFY-16
 */
export function readerFault(text: string): ProtocolError {
  const said = text
    .trim()
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
  const zh = usageWords.find(([begins]) => said.startsWith(begins))?.[1]
  const what = /'([^']*)'/.exec(said)?.[1]
  return usageError(zh === undefined ? said : `${zh}${what === undefined ? '' : ` ${what}`} / ${said}`)
}
