import type { ProblemCode } from '../error.ts'
import { askPeer, askSender, doNotUse, keepEvidence, type Row } from './remedy.ts'

/** Words of codes about logs and what proves that something is in one. */
export const logRows = {
  NOTE_MALFORMED: ['签名文本格式有误', 'the signed note is malformed', ...askPeer],
  CHECKPOINT_MALFORMED: ['检查点格式有误', 'the checkpoint is malformed', ...askPeer],
  CHECKPOINT_SIGNATURE_INVALID: [
    '检查点签名无效',
    'the signature of the checkpoint is not valid',
    ...doNotUse,
  ],
  CHECKPOINT_STALE: [
    '检查点不够新，其后的变化无从得知',
    'the checkpoint is not fresh enough: what came after it is not known',
    '请从节点重新取得；取不到时请检查网络，或联系该日志所属机关的信息人员',
    'get a newer one from a node; if there is none to be had, check the network, or contact the IT person of the agency whose log it is',
  ],
  LOG_ORIGIN_MISMATCH: ['属于另一个日志', 'made for another log', ...doNotUse],
  TILE_MALFORMED: ['日志分片有误', 'a tile of the log is malformed', ...askPeer],
  ENTRY_MALFORMED: ['日志条目有误', 'the log entry is malformed', ...askPeer],
  INCLUSION_INVALID: ['不在日志中：包含证明不成立', 'not in the log: the inclusion proof fails', ...doNotUse],
  INCLUSION_MISSING: [
    '缺少包含证明',
    'the inclusion proof is missing',
    '请用 csx bundle 取得完整证据包',
    'get a whole bundle with csx bundle',
  ],
  CONSISTENCY_INVALID: ['日志前后不一致', 'the log is not consistent with its past', ...keepEvidence],
  RANGE_MISSING: [
    '缺少后续条目，是否仍然有效不可判定',
    'later entries are missing: whether it still stands cannot be told',
    '请用 csx bundle 取得完整证据包',
    'get a whole bundle with csx bundle',
  ],
  RANGE_INVALID: ['后续条目与检查点不符', 'the later entries do not fit the checkpoint', ...doNotUse],
  BEYOND_CLOSE: ['在日志关闭之后', 'beyond the closed size of the log', ...doNotUse],
  INDEX_MISMATCH: ['条目序号不符', 'the entry is at another index', ...doNotUse],
  OFFER_MALFORMED: [
    '见证请求格式有误',
    'the request to a witness is malformed',
    '请按 C2SP tlog-witness 的格式重发',
    'send it again in the form of C2SP tlog-witness',
  ],
  COMMITMENT_MALFORMED: ['承诺值有误', 'the commitment is malformed', ...askSender],
  AUDIENCE_MISMATCH: [
    '发布机关不属于所指的结对项目或协作组',
    'the issuer is not of the project or group that the record names',
    '请核对项目或协作组的标识与起止日期',
    'check the id of the project or group, and its dates',
  ],
  RECEIPT_MISSING: [
    '没有对方机关的收讫证明，不能证明当时已经送达',
    'without the receipt of the other agency nothing shows that it had this by then',
    '请在对方机关收讫后重新取证',
    'gather the evidence again once the other agency has logged its receipt',
  ],
} as const satisfies Partial<Record<ProblemCode, Row>>
