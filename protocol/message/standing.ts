import type { ProblemCode } from '../error.ts'
import { askPeer, askSender, doNotUse, type Row, waitRetry } from './remedy.ts'

/** Words of codes about what became of a standard or an agreement. */
export const standingRows = {
  REVOKED: ['已被撤销', 'revoked', ...doNotUse],
  WITHDRAWN: [
    '已废止或撤回',
    'abolished or withdrawn',
    '请改用现行标准；若为声明，请勿再据以办理，确有需要的由双方另行签署',
    'use what is in force now; if it is an agreement, rely on it no more, and conclude a new one where it is needed',
  ],
  SUPERSEDED: [
    '已被代替或修订',
    'superseded or revised',
    '请改用新的版本；声明请按新的版本重新拟稿，由双方另行签署',
    'use the newer version; draft an agreement anew on it, and have both sign that',
  ],
  EXPIRED: [
    '已过期限',
    'too late: its time is over',
    '拟稿或签署时，请改定日期后重新提议；核验文件时，请索取仍有效的，或由双方另行签署',
    'to draft or sign, propose it anew with later dates; of a file, ask for one that is valid, or conclude a new agreement',
  ],
  NOT_YET_VALID: ['尚未生效', 'not valid yet', '请在生效后再用', 'use it once it is valid'],
  STATUS_STALE: ['状态列表过旧', 'the status list is too old', ...waitRetry],
  STATUS_MALFORMED: ['状态列表有误', 'the status list is malformed', ...askPeer],
  STATUS_UNAVAILABLE: ['无法取得状态', 'the status is not available', ...waitRetry],
  ATTESTATION_INCOMPLETE: [
    '尚缺一方签署',
    'one party has not signed',
    '请等待对方签署',
    'wait for the other party',
  ],
  ATTESTATION_MISMATCH: [
    '所签或所确认的不是同一内容',
    'what was signed or confirmed is not one and the same',
    '签署时，请核对所示全文及其摘要后重新输入；核验文件时，请勿采信，并向双方核对',
    'to sign, read the text shown with its digest and type that again; of a file, do not rely on it, and ask both parties',
  ],
  ATTESTATION_SAME_PARTY: [
    '同意须由另一方作出，不能与提议同出一个机关',
    'the other party has to accept: a proposal and its acceptance are of two agencies',
    '自己提议的，请等待对方同意，要收回用 csx agreement withdraw；核验文件时，请勿采信',
    'wait for the other party to accept what you proposed, or take it back with csx agreement withdraw; of a file, do not rely on it',
  ],
  MAPPING_MISSING: [
    '声明所引的映射集不在手边',
    'the mapping set that was signed is not at hand',
    '请向任一方索取声明所引摘要的映射集文件',
    'ask either party for the mapping set of that digest',
  ],
  MAPPING_INVALID: [
    '映射集或所依据的行不合规',
    'the mapping set, or a row that is relied on, breaks a rule',
    '请按所列规则改正映射后重新声明',
    'correct the mapping as the rule says and sign anew',
  ],
  BASIS_MISSING: [
    '依据文件的记录不在手边',
    'the record of the basis document is not at hand',
    '拟稿或签署时，请核对文号，并先由一方用 csx publish 发布该文件的记录；核验文件时，请取得含该记录的证据包',
    'to draft or sign, check the number, and have one party publish the record with csx publish; to verify, get a bundle that has it',
  ],
  CONFORMANCE_MISSING: [
    '缺少声明所引的接口模式、测试集或运行结果',
    'the schema, the suite or a run that the agreement pins is not at hand',
    '请向双方索取声明所引摘要的文件',
    'ask both parties for the files of the digests named',
  ],
  CONFORMANCE_INVALID: [
    '一致性测试的测试集或运行结果不合规，或不是声明所指的',
    'a conformance suite or run is not sound, or is not the one that is meant',
    '请用同一测试集对对方端点重新运行',
    'run the same suite against the other party again',
  ],
  CONFORMANCE_FAILED: [
    '必测项未全部通过',
    'a mandatory case of the conformance suite did not pass',
    '请对方修正接口后重新运行',
    'have the other party mend its interface, then run the suite again',
  ],
  JSON_SCHEMA_REFUSED: [
    'JSON Schema 使用了本系统不接受的写法',
    'the JSON Schema uses what is not accepted here',
    '请按 conformance 规范改写所指之处',
    'rewrite the place named as the conformance specification says',
  ],
  ATTESTATION_CONFLICT: ['声明相互冲突', 'the statements conflict', ...askPeer],
  BUNDLE_MALFORMED: ['证据包格式有误或不完整', 'the bundle is malformed or cut off', ...askSender],
} as const satisfies Partial<Record<ProblemCode, Row>>
