import type { ProblemCode } from '../error.ts'
import type { Row } from './remedy.ts'

/** Words of codes about what is asked of a node or the command line. */
export const requestRows = {
  AUTH_REQUIRED: [
    '需要登录令牌',
    'a token is required',
    '请在 Authorization 中提供令牌',
    'send the token in the Authorization header',
  ],
  AUTH_INVALID: ['令牌无效', 'the token is not valid', '请核对令牌', 'check the token'],
  FORBIDDEN: ['没有权限', 'not allowed', '请联系管理员', 'ask the administrator'],
  RATE_LIMITED: ['请求过于频繁', 'too many requests', '请稍后再试', 'try again later'],
  NOT_FOUND: [
    '没有找到',
    'not found',
    '请核对所写的地址、编号或条款',
    'check the address, number or clause as it is written',
  ],
  METHOD_NOT_ALLOWED: [
    '不支持的方法',
    'the method is not allowed',
    '请核对接口说明',
    'see the API description',
  ],
  MEDIA_TYPE_REFUSED: [
    '内容类型不支持',
    'the media type is not accepted',
    '请使用 application/json',
    'use application/json',
  ],
  BODY_TOO_LARGE: ['请求内容过大', 'the request body is too large', '请分批提交', 'send it in parts'],
  QUERY_INVALID: ['查询参数有误', 'a query parameter is not valid', '请改正参数', 'correct the parameter'],
  ROW_INVALID: [
    '表格中有不合格的单元格',
    'a cell of the table is not valid',
    '请改正所指单元格',
    'correct the cell named',
  ],
  FILE_TYPE_REFUSED: [
    '文件类型不支持',
    'the file type is not accepted',
    '请给出一个文件：明细表另存为 UTF-8 编码的 CSV，映射另存为不设密码的 xlsx 或 SSSOM/TSV',
    'give a file: a table of standards saved as UTF-8 CSV, mapping work as xlsx without a password or as SSSOM/TSV',
  ],
  SHEET_LIMIT: ['表格过大', 'the table is too large', '请分成几个文件', 'split it into several files'],
  ENCODING_UNKNOWN: [
    '文字编码无法识别',
    'the text encoding is not known',
    '请另存为 UTF-8 编码',
    'save it as UTF-8',
  ],
  FILE_UNSAFE: [
    '不是普通文件，不予读取',
    'not a plain file: it is not read',
    '请去掉链接和特殊文件，换上文件本身',
    'put the file itself in the place of a link or of anything special',
  ],
  USAGE_INVALID: ['命令用法有误', 'the command line is wrong', '请看 csx --help', 'see csx --help'],
  INTERNAL: [
    '系统内部错误',
    'an internal error',
    '请记下编号并告知维护人员',
    'note the trace id and tell the maintainers',
  ],
} as const satisfies Partial<Record<ProblemCode, Row>>
