import type { Check, Outcome, Text, VerdictWord } from '../../protocol/verdict.ts'

/** The words of the pages. Words of the domain (states, levels, kinds, codes) come from `protocol`. */
export const text = {
  site: { zh: '川渝机关事务标准互认交换网', en: 'Chuanyu Standards Exchange' },
  skip: { zh: '跳到主要内容', en: 'Skip to the main content' },
  skipToResults: { zh: '跳到标准列表', en: 'Skip to the standards' },
  navigation: { zh: '本站导航', en: 'Site' },
  standards: { zh: '标准', en: 'Standards' },
  logs: { zh: '日志', en: 'Logs' },
  quarantine: { zh: '隔离', en: 'Quarantine' },
  openApi: { zh: '数据接口', en: 'API' },
  node: { zh: '标准节点', en: 'Node' },
  nodeAbout: {
    zh: '以下各条均为机关签名并记入公开日志的标准记录，本节点逐条核验后列出。',
    en: 'Signed by agencies, logged in public, and checked one by one by this node before they are listed.',
  },
  synthetic: { zh: '合成', en: 'synthetic' },
  syntheticNetwork: { zh: '合成网络', en: 'synthetic network' },
  syntheticNetworkAbout: {
    zh: '演示与测试之用，所载内容不具效力。',
    en: 'For demonstration and tests; nothing here has legal effect.',
  },
  syntheticRecordAbout: {
    zh: '合成样例，不是真实标准，不得引用。',
    en: 'A made-up sample, not a real standard; do not cite it.',
  },
  productionNetwork: { zh: '生产网络', en: 'production network' },
  own: { zh: '本机关', en: 'own' },
  followed: { zh: '关注', en: 'followed' },

  search: { zh: '检索', en: 'Search' },
  searchWords: { zh: '标准号、名称或条款标题', en: 'Number, title or clause heading' },
  searchHint: {
    zh: '标准号怎样写都可以，例如：DB50/T 1055—2020、db50t1055、1055',
    en: 'Any spelling of a number will do',
  },
  class: { zh: '类别', en: 'Class' },
  state: { zh: '状态', en: 'State' },
  level: { zh: '层级', en: 'Level' },
  all: { zh: '全部', en: 'all' },
  clear: { zh: '清除条件', en: 'Clear' },

  standardsHere: { zh: '本节点所持标准', en: 'Standards held here' },
  number: { zh: '标准号', en: 'Number' },
  title: { zh: '标准名称', en: 'Title' },
  issuer: { zh: '记录签发机关', en: 'Record issued by' },
  reviewDue: { zh: '复审到期', en: 'Review due' },
  noReviewKnown: { zh: '本节点未见复审记录', en: 'no review known to this node' },
  noLaterReviewKnown: { zh: '本节点未见其后的复审记录', en: 'no later review known to this node' },
  reviewUncomputed: { zh: '发布日期未载明，无从推算', en: 'cannot be told without a date of publication' },
  past: { zh: '已过', en: 'past' },
  notApplicable: { zh: '不适用', en: 'not applicable' },
  revised: { zh: '记录已被修订', en: 'revised by a later record' },
  previousPage: { zh: '上一页', en: 'Previous' },
  nextPage: { zh: '下一页', en: 'Next' },
  pages: { zh: '分页', en: 'Pages' },

  noneHere: { zh: '本节点还没有标准。', en: 'This node holds no standards yet.' },
  noneHereRemedy: {
    zh: '用 csx import 导入本机关的标准明细表，或请主管局在登记册中加入要关注的机关；同步后将自动出现在这里。',
    en: 'Import a table of standards with csx import, or have the bureaus add an agency to the registry.',
  },
  noneFound: { zh: '没有符合条件的标准。', en: 'No standard fits.' },
  noneFoundRemedy: {
    zh: '请减少条件；标准号可以只输入数字，例如 1055。',
    en: 'Use fewer conditions; the digits of a number are enough.',
  },
  beyondLast: { zh: '没有这一页。', en: 'There is no such page.' },
  beyondLastRemedy: { zh: '请回到第一页。', en: 'Go back to the first page.' },
  ignored: { zh: '已忽略无法识别的条件：', en: 'ignored, because not understood: ' },

  logsFollowed: { zh: '日志', en: 'Logs' },
  logsAbout: {
    zh: '每个机关各有一份只增不改的签名日志。“签署规模”是日志签名确认的条目数，“已存”是本节点核验并保存的条目数。',
    en: 'Each agency signs a log that only grows. "Signed" counts what its key vouches for, "held" what this node has checked and keeps.',
  },
  agency: { zh: '机关（登记册名称）', en: 'Agency, by the registry' },
  log: { zh: '日志', en: 'Log' },
  size: { zh: '签署规模', en: 'Signed' },
  held: { zh: '已存', en: 'Held' },
  visible: { zh: '已列出', en: 'Listed' },
  checkedAt: { zh: '最近核对', en: 'Last checked' },
  evidence: { zh: '分叉证据', en: 'Evidence of two histories' },
  stale: { zh: '久未核对', en: 'not checked for long' },
  staleAbout: {
    zh: '已存内容均经核验，照常可查；此后的变化尚未取得。',
    en: 'What is held was checked and is served as before; what came after it is not here.',
  },
  notCheckedYet: { zh: '尚未核对', en: 'not yet' },
  whatToDo: { zh: '处理办法：', en: 'What to do: ' },
  noLogs: { zh: '还没有日志。', en: 'No logs yet.' },
  noLogsRemedy: {
    zh: '发布第一条记录后，本机关的日志出现在这里。',
    en: 'The own log appears with its first record.',
  },
  quarantined: { zh: '隔离的记录', en: 'Quarantined records' },
  quarantineAbout: {
    zh: '未通过核验，不列入标准，也不删除；程序升级后会重新核验。另有已通过核验、但所依据的记录尚未到达的，列在其后，到达后自动移出。',
    en: 'They failed their checks: not listed, not deleted, checked again after an upgrade. Behind them, sound entries that wait for the record they are about.',
  },
  noneQuarantined: { zh: '没有被隔离的记录。', en: 'None: every entry passed its checks.' },
  entry: { zh: '条目', en: 'Entry' },
  reason: { zh: '原因', en: 'Reason' },
  seenAt: { zh: '发现时间', en: 'Seen' },

  backToList: { zh: '返回标准列表', en: 'Back to the standards' },
  facts: { zh: '标准信息', en: 'The standard' },
  whyState: { zh: '状态与依据', en: 'State, and why' },
  clauses: { zh: '条款', en: 'Clauses' },
  clausesAbout: {
    zh: '只列标题、类型与可比较的限值；正文以标准文本为准。',
    en: 'Headings, types and comparable limits alone; the text of the standard governs.',
  },
  noClauses: { zh: '记录未载条款。', en: 'The record lists no clauses.' },
  locator: { zh: '编号', en: 'No.' },
  heading: { zh: '标题', en: 'Heading' },
  clauseType: { zh: '类型', en: 'Type' },
  limits: { zh: '限值', en: 'Limits' },
  timeline: { zh: '历程', en: 'Timeline' },
  noTimeline: { zh: '记录与日志均未载日期。', en: 'Neither record nor log gives a date.' },
  fromRecord: { zh: '记录所载', en: 'stated in the record' },
  place: { zh: '在日志中的位置', en: 'Place in the log' },
  origin: { zh: '日志名称', en: 'Origin' },
  index: { zh: '条目序号', en: 'Entry index' },
  loggedAt: { zh: '记入时间（日志自报）', en: 'Logged at, by the log itself' },
  recordId: { zh: '记录标识', en: 'Record id' },
  digest: { zh: '记录摘要', en: 'Record digest' },
  source: { zh: '来源说明', en: 'Source' },
  sourceLink: { zh: '出处', en: 'Where' },
  confidence: { zh: '可信程度（签发机关自评）', en: 'Confidence, as its issuer sees it' },
  noSource: { zh: '记录未说明来源。', en: 'The record names no source.' },
  issuerTitle: { zh: '签发与单位', en: 'Issuer and parties' },
  registryName: { zh: '登记册名称', en: 'name in the registry' },
  notInRegistry: { zh: '登记册中没有此标识', en: 'unknown to the registry' },
  selfGiven: { zh: '记录自述', en: 'as the record says' },
  did: { zh: '机关标识', en: 'DID' },
  data: { zh: '原始数据', en: 'Raw data' },
  rawRecord: { zh: '签名原件', en: 'the signed record' },
  jsonApi: { zh: '接口数据', en: 'JSON' },
  checkpoint: { zh: '日志检查点', en: 'checkpoint of the log' },
  unreadable: {
    zh: '本程序不认识这条记录的全部内容，以下照原样显示。',
    en: 'This program does not know all of this record; it is shown as it is.',
  },
  clauseRest: { zh: '其余条款', en: 'the other clauses' },
  number1: { zh: '标准号', en: 'Numbers' },

  verdict: { zh: '核验结论及其论证', en: 'The verdict, as an argument' },
  verdictAbout: {
    zh: '本节点依登记册逐步核验，各步如下。任何一步未通过，结论即为不予采信；任何一步无法核验，结论即为不可判定。',
    en: 'Checked step by step against the registry. One failure rejects; one gap leaves it undecided.',
  },
  conclusion: { zh: '结论', en: 'Conclusion' },
  noVerdict: { zh: '本节点暂时不能给出论证。', en: 'This node cannot argue it at the moment.' },
  noVerdictRemedy: {
    zh: '请稍后刷新，或用下面的命令离线核验。',
    en: 'Reload later, or check it offline with the command below.',
  },
  endedOnly: {
    zh: '除“效力”外各步均通过：记录真实、未被改动，但已被代替、废止或修订。',
    en: 'All steps but "standing" passed: the record is genuine and unaltered, but superseded, abolished or revised.',
  },
  offline: { zh: '不依赖本节点，自行核验', en: 'Check it yourself, without trusting this node' },
  offlineAbout: {
    zh: '第一条命令取得证据包；第二条可在不联网的机器上执行。命令中的指纹是本节点自称的，请与主管局另行公布的核对。',
    en: 'The first command fetches the evidence; the second needs no network. The fingerprint in it is this node’s word: compare it with what the bureaus publish.',
  },
  limitsOfVerdict: {
    zh: '结论不涉及该检查点之后的条目，也不证明日志对所有人出示同一内容。',
    en: 'It says nothing about entries after that checkpoint, nor that the log shows everybody the same tree.',
  },

  notFound: { zh: '没有找到', en: 'Not found' },
  notFoundAbout: {
    zh: '本节点没有这个地址的内容；可能是地址有误，也可能该记录尚未同步到本节点。',
    en: 'There is nothing at this address: it is mistyped, or this node has not received the record yet.',
  },
  otherRecord: {
    zh: '该摘要属于另一类记录，没有自己的页面：',
    en: 'The digest is that of another kind of record, which has no page: ',
  },
  traceId: { zh: '编号', en: 'Trace id' },
  failed: { zh: '页面暂时无法显示', en: 'The page cannot be shown at the moment' },

  statesOn: { zh: '状态按此日推算：', en: 'States as of ' },
  readOnly: {
    zh: '本页只读，不设脚本，不调用外部资源。',
    en: 'Read-only, no scripts, no outside resources.',
  },
} as const satisfies Record<string, Text>

export const checkNames = {
  form: { zh: '格式', en: 'form' },
  trust: { zh: '信任根', en: 'trust' },
  issuer: { zh: '发布机关', en: 'issuer' },
  checkpoint: { zh: '检查点', en: 'checkpoint' },
  witness: { zh: '见证', en: 'witness' },
  inclusion: { zh: '入志证明', en: 'inclusion' },
  entry: { zh: '条目', en: 'entry' },
  schema: { zh: '结构', en: 'schema' },
  proof: { zh: '签名', en: 'proof' },
  time: { zh: '时间', en: 'time' },
  readers: { zh: '读者', en: 'readers' },
  receipt: { zh: '收讫', en: 'receipt' },
  range: { zh: '后续条目', en: 'range' },
  standing: { zh: '效力', en: 'standing' },
  holding: { zh: '持有', en: 'holding' },
  validity: { zh: '有效期', en: 'validity' },
  freshness: { zh: '新鲜度', en: 'freshness' },
} as const satisfies Record<Check, Text>

export const outcomeWords = {
  passed: { zh: '通过', en: 'passed', mark: '✓' },
  failed: { zh: '未通过', en: 'failed', mark: '✗' },
  unknown: { zh: '无法核验', en: 'could not be checked', mark: '?' },
} as const satisfies Record<Outcome, Text & { readonly mark: string }>

export const verdictWords = {
  verified: { zh: '已核实', en: 'verified', mark: '✓' },
  rejected: { zh: '不予采信', en: 'rejected', mark: '✗' },
  undecided: { zh: '不可判定', en: 'undecided', mark: '?' },
} as const satisfies Record<VerdictWord, Text & { readonly mark: string }>

export const logStates = {
  active: { zh: '正常', en: 'active', mark: '✓' },
  halted: { zh: '已停止同步', en: 'halted', mark: '✗' },
  frozen: { zh: '已冻结', en: 'frozen', mark: '✗' },
} as const satisfies Record<'active' | 'halted' | 'frozen', Text & { readonly mark: string }>

export const operators = {
  le: { sign: '≤', zh: '不大于' },
  ge: { sign: '≥', zh: '不小于' },
  eq: { sign: '=', zh: '等于' },
} as const
