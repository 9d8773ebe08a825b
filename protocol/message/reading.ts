import type { ProblemCode } from '../error.ts'
import { askPeer, askSender, type Row } from './remedy.ts'

/** Words of codes about bytes that are read. */
export const readingRows = {
  JSON_MALFORMED: ['不是合格的 JSON', 'not well-formed JSON', ...askSender],
  JSON_DUPLICATE_KEY: ['同一成员出现两次', 'a member stands twice', ...askSender],
  JSON_TOO_DEEP: ['嵌套过深', 'nested too deeply', ...askSender],
  NUMBER_UNSAFE: [
    '数字超出可精确表示的范围',
    'a number that cannot be kept exactly',
    '请改用文本表示',
    'write it as text',
  ],
  TEXT_INVALID_UNICODE: [
    '不是合格的 UTF-8 文本',
    'not well-formed UTF-8',
    '请以 UTF-8 重新保存',
    'save it again as UTF-8',
  ],
  TEXT_FORBIDDEN_CHAR: [
    '含有不可见或控制字符',
    'holds an invisible or control character',
    '请删去该字符',
    'delete that character',
  ],
  SIZE_LIMIT: ['超过大小限制', 'too large', '请拆分或缩小', 'split it or make it smaller'],
  CANON_LIMIT: ['规范化超出限制', 'canonicalization takes too much', ...askSender],
  DECOMPRESSION_LIMIT: ['解压后过大', 'too large when unpacked', ...askPeer],
  ARCHIVE_LIMIT: ['压缩文件超出限制', 'the archive exceeds the limits', ...askSender],
} as const satisfies Partial<Record<ProblemCode, Row>>
