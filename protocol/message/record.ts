import type { ProblemCode } from '../error.ts'
import { askSender, doNotUse, fixField, type Row } from './remedy.ts'

/** Words of codes about records and their proofs. */
export const recordRows = {
  CONTEXT_NOT_ALLOWED: ['@context 不是许可的列表', 'the @context is not the allowed list', ...fixField],
  KEYWORD_NOT_ALLOWED: ['含有不许可的 JSON-LD 关键字', 'a JSON-LD keyword that is not allowed', ...fixField],
  TERM_UNDEFINED: ['含有未定义的词项', 'a term that no context defines', ...fixField],
  SCHEMA_INVALID: ['与规定的结构不符', 'does not fit the schema', ...fixField],
  SIGNATURE_INVALID: [
    '签名与内容不符：内容在签名后被改动',
    'the signature does not fit: the contents were altered after signing',
    ...doNotUse,
  ],
  PROOF_MISSING: ['缺少签名', 'a proof is missing', ...askSender],
  PROOF_MALFORMED: ['签名格式有误', 'a proof is malformed', ...askSender],
  SUITE_NOT_ALLOWED: ['签名算法不在许可之列', 'a cryptosuite that is not allowed', ...askSender],
  PURPOSE_MISMATCH: ['密钥用途不符', 'the key is for another purpose', ...doNotUse],
  DIGEST_MISMATCH: ['摘要不符：文件被改动', 'the digest differs: the file was altered', ...askSender],
  DUPLICATE_ID: [
    '标识已用于另一条记录',
    'the id was used for another record',
    '每条记录须用新的标识',
    'give each record a new id',
  ],
  IDENTIFIER_INVALID: [
    '标识或标准号无法识别',
    'an identifier or standard number that cannot be read',
    '请核对标准号的写法',
    'check how the number is written',
  ],
  RULE_VIOLATED: ['违反标准数据规则', 'breaks a rule of standards data', ...fixField],
  SYNTHETIC_REFUSED: [
    '生产网络不接受合成数据',
    'a production network takes no synthetic data',
    '请只在演示网络使用',
    'use it in a synthetic network alone',
  ],
} as const satisfies Partial<Record<ProblemCode, Row>>
