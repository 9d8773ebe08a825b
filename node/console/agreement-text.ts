import type { Text } from '../../protocol/verdict.ts'

/** The words of the pages about agreements. Words of the domain (kinds, states, conditions) come from `protocol`. */
export const agreementText = {
  agreements: { zh: '互认·互通·互用', en: 'Agreements' },
  agreementsAbout: {
    zh: '两个机关各自在本机关日志中签署同一摘要，声明方才成立。以下状态由本节点依双方日志推算，任何人都可离线复核。',
    en: 'Both agencies sign one digest, each in its own log. The states are computed from these logs; anybody can check them offline.',
  },
  onlyPublic: {
    zh: '此处只列公开的声明；仅结对双方可见的，在“协作台”内。',
    en: 'Public ones alone; those of a pair are on the coordinators’ pages.',
  },
  parties: { zh: '双方', en: 'Parties' },
  kind: { zh: '种类', en: 'Kind' },
  answer: { zh: '当日是否有效', en: 'In force' },
  stateLabel: { zh: '状态', en: 'State' },
  term: { zh: '期限', en: 'Term' },
  project: { zh: '项目', en: 'Project' },
  proposed: { zh: '提议', en: 'Proposed' },
  never: { zh: '不会生效', en: 'never comes into force' },
  notBegun: { zh: '尚未生效', en: 'not begun' },
  day: { zh: '所问日期', en: 'On' },
  narrow: { zh: '筛选', en: 'Show' },
  noneHere: { zh: '还没有公开的声明。', en: 'No public agreement yet.' },
  noneHereRemedy: {
    zh: '双方映射通过后，一方用 csx agreement draft 拟稿、用 csx agreement propose --tier public 提议，另一方用 csx agreement accept 同意，即列于此。',
    en: 'Once rows are accepted: csx agreement draft, then propose --tier public, then accept by the other party.',
  },
  noneFound: { zh: '没有符合条件的声明。', en: 'No agreement fits.' },
  noneFoundRemedy: { zh: '请减少条件，或换一个日期。', en: 'Use fewer conditions, or another date.' },
  unexamined: {
    zh: '按状态筛选只推算最近200份，更早的未计入：',
    en: 'By state the newest 200 are looked at; older ones left out: ',
  },
  back: { zh: '返回声明列表', en: 'Back to the agreements' },

  statement: { zh: '声明全文', en: 'The statement' },
  statementAbout: {
    zh: '双方签署的是下列全文的摘要，一字之差摘要即不同。',
    en: 'What both sign is the digest of this; one altered character makes another digest.',
  },
  digest: { zh: '签署的摘要', en: 'Digest that is signed' },
  otherLines: { zh: '其余各行', en: 'the other lines' },
  why: { zh: '为何如此判定', en: 'Why' },
  whyAbout: {
    zh: '各项全部满足方为有效；任何一项不满足即无效；只缺证据即不可判定。',
    en: 'All must hold. One that fails means no; one that lacks evidence means that nobody can tell.',
  },
  since: { zh: '起始日', en: 'since' },
  decidedBy: { zh: '由此条目决定：', en: 'decided by ' },
  asOf: { zh: '截至', en: 'As of' },
  asOfAbout: {
    zh: '结论只依据下列日志的这些条目；此后记入的，不在其中。',
    en: 'The answer rests on these logs up to these entries, and on nothing logged later.',
  },
  entries: { zh: '已知条目数', en: 'Entries known' },
  effects: { zh: '逐行效力', en: 'What each row brings about' },
  row: { zh: '映射行', en: 'Row' },
  clauses: { zh: '对应条款', en: 'Clauses' },
  effect: { zh: '效力', en: 'Effect' },
  direction: { zh: '方向', en: 'Direction' },
  rowState: { zh: '当日', en: 'On the day' },
  both: { zh: '双方互认', en: 'both ways' },
  acts: { zh: '各方行为', en: 'Acts' },
  actsAbout: {
    zh: '时间为各日志自报；条目序号从0起。',
    en: 'Times are those of the logs themselves; entries are counted from 0.',
  },
  ends: { zh: '何时终止', en: 'What would end it' },
  endOfTerm: { zh: '期满', en: 'its term' },
  notice: { zh: '任一方撤回', en: 'withdrawal by either' },
  noticeDays: { zh: '日后终止，须写明理由', en: 'days after the withdrawal, which needs a reason' },
  basis: { zh: '依据文件废止', en: 'the end of its basis' },
  revision: {
    zh: '所引标准废止、被代替或有修改单',
    en: 'abolition, replacement or amendment of a pinned edition',
  },
  atOnce: { zh: '当日失效', en: 'ends it on that day' },
  afterGrace: { zh: '日宽限后失效', en: 'days of grace, then it ends' },
  whatIf: { zh: '推演', en: 'what if' },
  repin: { zh: '须重新引用的版本', en: 'Editions to be pinned anew' },
  disposeBy: { zh: '须于此日前处置', en: 'To be disposed of by' },
  reviewOverdue: {
    zh: '所引标准中有复审逾期的，判定照常，谨请注意。',
    en: 'The review of a pinned edition is overdue.',
  },
  endpoints: { zh: '受测端', en: 'What was tested' },
  suite: { zh: '测试集', en: 'Test suite' },
  environment: { zh: '环境', en: 'Environment' },
  manner: { zh: '采用方式', en: 'Manner' },
  target: { zh: '采用文件', en: 'Into' },
  ground: { zh: '依据', en: 'Ground' },
  terms: { zh: '要点', en: 'In short' },
  pinned: { zh: '所引版本', en: 'Editions' },
  acceptBy: { zh: '须于此日前（含当日）同意', en: 'To be accepted by' },
  verify: { zh: '不依赖本节点，自行核验', en: 'Check it yourself, without trusting this node' },
  verifyAbout: {
    zh: '第一条命令取得整套证据；第二条可在不联网的机器上执行，回答同一日期。指纹请与主管局另行公布的核对。',
    en: 'The first command gathers all evidence; the second needs no network. Compare the fingerprint with what the bureaus publish.',
  },
  verifyPair: {
    zh: '该声明仅结对双方可见，证据包会含非公开记录及其开启数据（--disclose），请妥善保管。',
    en: 'It is for the pair alone: the file holds records that are not public, with what opens them.',
  },
  pinnedBy: { zh: '互认与比对', en: 'Agreements and comparison' },
  pinnedByNone: {
    zh: '本节点没有引用此版本的公开声明。',
    en: 'No public agreement here pins this edition.',
  },
  compareWith: { zh: '与另一标准比对', en: 'Compare with another' },
  whatIfThis: { zh: '假如此版本被代替', en: 'What if it were replaced' },
  more: { zh: '还有', en: 'more: ' },

  sign: { zh: '待我方签署', en: 'Waiting for our signature' },
  signAbout: {
    zh: '对方已提议。请逐行读完下面的声明全文；不签署未看过的内容。',
    en: 'The other party proposed it. Read the whole statement below: nobody signs what he has not seen.',
  },
  signMakes: { zh: '我方签署即生效的内容', en: 'What our signature brings about' },
  signMakesText: {
    zh: '双方签署均入日志后，自起始日起，下列各行对双方生效，任何人都可据此核验；签署记入本机关日志，不能删除。',
    en: 'Once both acts are logged the rows below take effect from the day named; our act stays in our log for ever.',
  },
  signEnds: { zh: '签署之后何时终止', en: 'What will end it' },
  signDo: {
    zh: '读完并同意的，执行（命令会再次显示全文，并要求输入摘要末尾）',
    en: 'To accept: it shows the statement again and asks for the end of the digest',
  },
  signReject: { zh: '不同意的，执行', en: 'To reject' },
  signLate: {
    zh: '已过同意期限，不能再签署；请对方重新提议。',
    en: 'Too late to accept: it has to be proposed anew.',
  },
  signWaits: { zh: '我方已提议，等待对方签署。', en: 'Proposed by us; the other party has to sign.' },
  signTakeBack: { zh: '对方签署前可收回提议', en: 'To take the proposal back' },
  giveNotice: { zh: '通知终止（通知期满后终止，不溯及既往）', en: 'To give notice; it is not retroactive' },
} as const satisfies Record<string, Text>

export const actWords = {
  propose: { zh: '提议', en: 'proposed' },
  accept: { zh: '同意', en: 'accepted' },
  reject: { zh: '拒绝', en: 'rejected' },
  withdraw: { zh: '撤回', en: 'withdrew' },
} as const satisfies Record<string, Text>

export const rowStandingWords = {
  effective: { zh: '有效', en: 'in force' },
  grace: { zh: '宽限', en: 'in grace' },
  fallen: { zh: '失效', en: 'fallen' },
  open: { zh: '未定', en: 'cannot be told' },
} as const satisfies Record<string, Text>

export const supposedWords = {
  superseded: { zh: '被代替', en: 'superseded' },
  abolished: { zh: '废止', en: 'abolished' },
  amendment: { zh: '发布修改单', en: 'amended' },
  'partly-superseded': { zh: '部分被代替', en: 'superseded in part' },
} as const satisfies Record<string, Text>

export const whatIfText = {
  title: { zh: '假如某版本变更', en: 'What if an edition changed' },
  short: { zh: '变更推演', en: 'What if' },
  about: {
    zh: '推演所引版本在某日被代替、废止或修改时，哪些声明和实施报告受影响。只推演，不写入任何内容。',
    en: 'Which agreements and reports would fall. Nothing is written.',
  },
  edition: { zh: '标准号、记录摘要或标识', en: 'Number, digest or id of the record' },
  on: { zh: '假设的日期', en: 'On' },
  kind: { zh: '何种变更', en: 'What happens' },
  clauses: {
    zh: '修改单或部分代替所及条款（如 4.2，逗号分隔；不写为全部）',
    en: 'Clauses that an amendment or a partial replacement touches; all where none is named',
  },
  go: { zh: '推演', en: 'Ask' },
  falls: { zh: '失效日', en: 'Falls on' },
  grace: { zh: '宽限自', en: 'Grace from' },
  rows: { zh: '失效的行', en: 'Rows that fall' },
  dispose: { zh: '处置期限', en: 'Dispose by' },
  none: { zh: '没有声明受影响。', en: 'No agreement is touched.' },
  noneAbout: {
    zh: '本节点可告知的、当日仍有效的声明中，没有因此失效、进入宽限或有行失效的。',
    en: 'None that may be told here and holds on that day would fall, come to its days of grace, or lose a row.',
  },
  noEdition: { zh: '没有找到这个版本。', en: 'No such edition here.' },
  noClause: { zh: '该版本的记录中没有这一条款：', en: 'The record of the edition has no clause ' },
  severalClauses: {
    zh: '该版本有几个条款用这一编号：',
    en: 'Several clauses of the edition have the number ',
  },
  clauseRemedy: {
    zh: '请照标准页面“条款”表所列的编号填写，如 4.2；多个用逗号分隔。编号有重复的，写条款标识。',
    en: 'Write the number that the page of the standard lists, commas between; where several have it, the id of the clause.',
  },
  clausesNamed: { zh: '所及条款：', en: 'Clauses it touches:' },
  clausesOfWhole: {
    zh: '被代替和废止及于全文，所写条款不计；只及于部分条款的，请选“发布修改单”或“部分被代替”。',
    en: 'What replaces or abolishes an edition ends all of it: the clauses do not count.',
  },
  touched: { zh: '受影响的声明', en: 'Agreements touched' },
  reports: { zh: '涉及该版本的实施报告', en: 'Reports with a line about it' },
  noReports: { zh: '没有涉及该版本的实施报告。', en: 'No report has a line about it.' },
  period: { zh: '期间', en: 'Period' },
  agency: { zh: '机关', en: 'Agency' },
  whole: { zh: '全部', en: 'all' },
  goesOn: { zh: '不整体失效', en: 'not as a whole' },
} as const satisfies Record<string, Text>
