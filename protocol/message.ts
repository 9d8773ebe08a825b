import type { ProblemCode } from './error.ts'

/** What happened and what to do about it, for people: Chinese first. */
export interface Message {
  readonly zh: string
  readonly en: string
  readonly remedyZh: string
  readonly remedyEn: string
}

type Row = readonly [zh: string, en: string, remedyZh: string, remedyEn: string]

const askSender = ['请向提供文件的单位重新索取', 'ask whoever sent it for a new copy'] as const
const askPeer = ['请联系对方机关的信息人员', 'contact the IT person of the other agency'] as const
const fixField = ['请改正所指的字段后重试', 'correct the field named and try again'] as const
const fixSetting = ['请按说明改正配置后再启动', 'correct the setting named and start again'] as const
const waitRetry = ['无需处理，系统会自动重试', 'nothing to do: it is tried again by itself'] as const
const doNotUse = [
  '请勿采信；保留原件并告知发布机关',
  'do not rely on it; keep the file and tell the issuing agency',
] as const
const updateTrust = ['请取得较新的登记册后重试', 'get a newer registry and try again'] as const
const keepEvidence = [
  '请保留两份检查点作为证据并告知两地主管局',
  'keep both checkpoints as evidence and tell both bureaus',
] as const

/** The one catalogue: console, API and command line take their words from here. Identifiers and data stay as they are. */
const rows: Readonly<Record<ProblemCode, Row>> = {
  LOG_LOCKED: [
    '本日志已有另一个进程在写入',
    'another process is writing this log',
    '请先停止另一个进程；只能有一个写入者',
    'stop the other process first: a log has one writer',
  ],
  LOG_FROZEN: [
    '本节点不能证明其状态是最新的，已停止发布',
    'this node cannot prove that its state is the newest it signed; publishing is stopped',
    '请勿删除数据或强行恢复：节点会自行从其他成员处取回自己的条目；若取不回，或签过两个版本，请保留数据目录，并请两地主管局关闭本日志',
    'delete nothing and force nothing: the node recovers its own entries from other members; where it cannot, or signed two versions, keep the data directory and ask both bureaus to close the log',
  ],
  LOG_UNPROVEN: [
    '尚未查明本节点的状态是否为其签过的最新状态，暂不发布',
    'it is not known yet whether this node has the newest state it ever signed; nothing is published until then',
    '请稍候重试：节点正在询问见证方和其他成员；若久无答复，请检查网络',
    'try again in a moment: the witnesses and other members are being asked; if none answers for long, check the network',
  ],
  LOG_CLOSED: [
    '登记册已关闭本日志，不再接受发布',
    'the registry closed this log; nothing is published in it any more',
    '请把登记册所列新一编日志的密钥放入密钥目录；登记册尚未列出的，请两地主管局列出',
    'put the keys of the next epoch, which the registry names, into the key directory; where it names none, have both bureaus name it',
  ],
  LOG_MISMATCH: ['数据库属于另一个日志', 'the database belongs to another log', ...fixSetting],
  CLOCK_WENT_BACK: [
    '时间早于上一条',
    'the time is before that of the entry it follows',
    '请校准服务器时钟',
    'set the clock of the machine',
  ],
  TIME_CONTRADICTED: [
    '条目自称的时间与两地主管局的见证时间不符',
    'the time that the entry states is contradicted by the times of its witnesses',
    ...doNotUse,
  ],
  TIME_IN_FUTURE: ['时间在未来', 'the time lies in the future', '请校准时钟', 'set the clock'],
  LEAF_MISMATCH: ['内容与日志记载不符', 'the contents are not what was logged', ...doNotUse],
  IDEMPOTENCY_CONFLICT: [
    '同一幂等键已用于另一内容',
    'this Idempotency-Key was used for other contents',
    '新的内容请用新的键',
    'use a new key for new contents',
  ],
  VERSION_CONFLICT: [
    '所修订的记录已被他人修订',
    'the record was already revised',
    '请以最新版本为基础重做',
    'start again from the newest version',
  ],
  STORAGE_FULL: [
    '磁盘已满',
    'the disk is full',
    '请清理磁盘，无需重启',
    'free some space; no restart is needed',
  ],
  STORAGE_UNAVAILABLE: [
    '数据库暂不可用',
    'the database is not available',
    '请检查数据库；恢复后自动继续',
    'check the database; work goes on by itself',
  ],
  KEY_UNAVAILABLE: [
    '找不到密钥',
    'the key is not there',
    '请用 csx keygen 生成，或恢复备份的密钥；密封的密钥须由 CSX_PASSPHRASE_FILE 指明口令文件',
    'make one with csx keygen, or restore it from backup; for a sealed one CSX_PASSPHRASE_FILE names the file of its passphrase',
  ],
  KEY_PERMISSIONS: [
    '密钥文件可被他人读取',
    'others can read the key file',
    '请执行 chmod 600',
    'chmod 600 the file',
  ],
  PASSPHRASE_WRONG: [
    '口令不对，或密封的密钥文件已损坏',
    'the passphrase is wrong, or the sealed key file is damaged',
    '请核对口令；确认无误后仍打不开，请恢复备份的密钥文件',
    'check the passphrase; if it is right, restore the key file from backup',
  ],
  CONFIG_INVALID: ['配置有误', 'the settings are wrong', ...fixSetting],
  BLOB_MISSING: [
    '记录所列附件的文件不在本节点',
    'the file that a record names is not here',
    '本单位的附件请用 csx attach 补交；对方的会自动再取',
    'hand in your own with csx attach; those of others are asked for again by themselves',
  ],
  OPENING_LOST: [
    '非公开记录的开启数据已丢失',
    'the opening of a non-public record is lost',
    '请从备份恢复',
    'restore it from backup',
  ],
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
  KEY_MALFORMED: ['密钥格式有误', 'the key is malformed', ...askSender],
  KEY_NOT_FOUND: ['登记册中没有这个密钥', 'the registry does not know this key', ...doNotUse],
  KEY_CONTROLLER_MISMATCH: ['密钥属于另一机关', 'the key belongs to another agency', ...doNotUse],
  KEY_NOT_VALID_AT_TIME: [
    '密钥在此位置无效',
    'the key is not valid at this place',
    '请勿采信；本机关发布时，请把登记册所列的密钥放入密钥目录',
    'do not rely on it; to publish, put the key that the registry names into the key directory',
  ],
  KEY_COMPROMISED: ['密钥已泄露', 'the key was compromised', ...doNotUse],
  KEY_NOT_PINNED: ['密钥未被登记', 'the key is not pinned', ...updateTrust],
  ISSUER_MISMATCH: [
    '发布机关与签名或日志不符',
    'the issuer is not the one of the signature or log',
    ...doNotUse,
  ],
  NOT_TRUSTED: [
    '没有可信的根，或不是可信的那一个',
    'no root of trust, or another one than is trusted',
    '请从可靠途径核对根的指纹：核验时用 --trust 指定；签署或发布登记册时不符，请停手并告知对方局',
    'check the fingerprint of the root by a reliable way: to verify, give it with --trust; in signing or publishing a registry, stop and tell the other bureau',
  ],
  NOT_A_MEMBER: ['登记册中没有该机关或日志', 'the registry does not know this agency or log', ...updateTrust],
  MEMBER_SUSPENDED: ['该机关当时已被暂停', 'the agency was suspended at that time', ...doNotUse],
  NOT_WITNESSED: [
    '缺少所要求的见证',
    'the required witnesses are missing',
    '请索取含见证签名的文件',
    'ask for a file with the cosignatures',
  ],
  DID_MALFORMED: ['DID 格式有误', 'the DID is malformed', ...fixField],
  DID_MISMATCH: ['DID 不符', 'the DID is another', ...askPeer],
  REGISTRY_MALFORMED: [
    '登记册有误',
    'the registry is malformed',
    '请重新取得登记册，或按所示位置更正',
    'get the registry again, or mend it at the place shown',
  ],
  POLICY_MALFORMED: [
    '见证策略有误',
    'the witness policy is malformed',
    '请按所指的行改正策略',
    'correct the policy at the line named',
  ],
  REGISTRY_ROLLBACK: [
    '登记册版本倒退',
    'an older registry was offered',
    '请沿用较新的登记册；若不是误用了旧稿，请保留所收到的文件并告知两地主管局',
    'go on with the newer one; if it was not an old draft by mistake, keep what was received and tell both bureaus',
  ],
  REGISTRY_STALE: [
    '登记册已过期',
    'the registry has expired',
    '请取得较新的登记册后重试；发布登记册的主管局，请两局重新签署',
    'get a newer registry and try again; a bureau that publishes has both bureaus sign again',
  ],
  THRESHOLD_NOT_MET: [
    '登记册签名不足',
    'the registry lacks signatures',
    '须由两局共同签署',
    'both bureaus must sign',
  ],
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
  REVOKED: ['已被撤销', 'revoked', ...doNotUse],
  WITHDRAWN: [
    '已废止或撤回',
    'abolished or withdrawn',
    '请改用现行标准；若为声明，请勿再据以办理，确有需要的由双方另行签署',
    'use what is in force now; if it is an agreement, rely on it no more, and conclude a new one where it is needed',
  ],
  SUPERSEDED: ['已被代替或修订', 'superseded or revised', '请改用新的版本', 'use the newer version'],
  EXPIRED: ['已过有效期', 'expired', ...askSender],
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
  ATTESTATION_MISMATCH: ['双方所签内容不同', 'the parties signed different things', ...doNotUse],
  ATTESTATION_SAME_PARTY: ['双方为同一机关', 'both parties are one agency', ...doNotUse],
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
    '请取得含依据文件记录的证据包',
    'get a bundle with the record of the basis document',
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
  EVIDENCE_MALFORMED: ['分叉证据格式有误', 'the evidence is malformed', ...askSender],
  NO_CONTRADICTION: [
    '两份检查点并不矛盾，不构成证据',
    'the two notes do not contradict each other',
    '请勿据此认定日志分叉',
    'do not accuse anybody with it',
  ],
  NO_COMMON_KEY: [
    '两份检查点不是同一密钥所签',
    'no one key signed both notes',
    '请勿据此认定日志分叉',
    'do not accuse anybody with it',
  ],
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
  LOG_ROLLBACK: ['对方日志倒退', 'the log of the peer went back', ...keepEvidence],
  LOG_EQUIVOCATION: ['对方日志出现两个版本', 'the peer signed two versions of its log', ...keepEvidence],
  SEQUENCE_GAP: ['日志条目有缺口', 'entries are missing in between', ...askPeer],
  RECORD_UNAVAILABLE: ['公开记录暂时取不到', 'a public record cannot be had now', ...waitRetry],
  QUARANTINED: ['记录未通过核验，已隔离', 'the record failed its checks and is kept apart', ...askPeer],
  PENDING_DEPENDENCY: ['等待所依赖的记录', 'waits for a record it depends on', ...waitRetry],
  RESPONSE_TOO_LARGE: ['对方的回答过大', 'the answer of the peer is too large', ...askPeer],
  PEER_TIMEOUT: ['对方超时', 'the peer did not answer in time', ...waitRetry],
  PEER_TOO_SLOW: ['对方过慢', 'the peer is too slow', ...waitRetry],
  PEER_UNAVAILABLE: ['无法连接对方', 'the peer cannot be reached', ...waitRetry],
  TLS_FAILED: ['安全连接失败', 'the secure connection failed', ...askPeer],
  PAGE_MALFORMED: ['对方的数据页有误', 'a page of the peer is malformed', ...askPeer],
  ADDRESS_FORBIDDEN: ['地址不许可', 'the address is not allowed', ...fixSetting],
  REDIRECT_REFUSED: ['拒绝转向其他地址', 'a redirect to another address is refused', ...askPeer],
  SYNC_RUNNING: ['同步正在进行', 'a sync is already running', ...waitRetry],
  CURSOR_AHEAD: [
    '副本比本机已有的内容旧',
    'the copy is older than what was seen here',
    '没有丢失任何内容；请换上较新的副本',
    'nothing is lost; bring a newer copy',
  ],
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
    '请另存为 UTF-8 编码的 CSV',
    'save it as UTF-8 CSV',
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
}

/** Whether a node goes on trying by itself, so that its people need do nothing; a command that has ended does not. */
export function isTriedAgain(code: ProblemCode): boolean {
  const [, , remedyZh] = rows[code]
  return remedyZh === waitRetry[0]
}

/** The words for a code. */
export function messageOf(code: ProblemCode): Message {
  const [zh, en, remedyZh, remedyEn] = rows[code]
  return { zh, en, remedyZh, remedyEn }
}
