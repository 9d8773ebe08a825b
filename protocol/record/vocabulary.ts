/**
 * The closed lists of the record schemas: an English slug on the wire (an IRI by the context's `@vocab`), Chinese
 * and English words for people. Order is that of the source (the article's list of seven classes; GB/T 1.1).
 */
export interface Label {
  readonly zh: string
  readonly en: string
}

export const levels = {
  national: { zh: '国家标准', en: 'national standard' },
  industry: { zh: '行业标准', en: 'industry standard' },
  provincial: { zh: '省级地方标准', en: 'provincial local standard' },
  municipal: { zh: '市级地方标准', en: 'municipal local standard' },
  group: { zh: '团体标准', en: 'group standard' },
  enterprise: { zh: '企业（内部）标准', en: 'enterprise (internal) standard' },
} as const satisfies Record<string, Label>

export const mandates = {
  mandatory: { zh: '强制性', en: 'mandatory' },
  recommended: { zh: '推荐性', en: 'recommended' },
  guidance: { zh: '指导性技术文件', en: 'guidance document' },
} as const satisfies Record<string, Label>

/** Why a local standard may be mandatory (rule ST3). */
export const mandateGrounds = {
  legacy: { zh: '2018年以前发布的强制性地方标准', en: 'mandatory local standard issued before 2018' },
  'special-law': {
    zh: '依专门法律（食品安全、地方排放限值等）',
    en: 'under a special law (food safety, local emission limits …)',
  },
} as const satisfies Record<string, Label>

export const kinds = {
  terminology: { zh: '术语', en: 'terminology' },
  symbol: { zh: '符号', en: 'symbols' },
  classification: { zh: '分类', en: 'classification' },
  testing: { zh: '试验', en: 'testing' },
  specification: { zh: '规范', en: 'specification' },
  'code-of-practice': { zh: '规程', en: 'code of practice' },
  guide: { zh: '指南', en: 'guide' },
  evaluation: { zh: '评价', en: 'evaluation' },
  other: { zh: '其他', en: 'other' },
} as const satisfies Record<string, Label>

export const classes = {
  general: { zh: '基础通用', en: 'general and basic' },
  funds: { zh: '经费管理', en: 'funds' },
  assets: { zh: '资产管理', en: 'assets' },
  logistics: { zh: '后勤服务', en: 'logistics services' },
  energy: { zh: '公共机构节能', en: 'energy saving of public institutions' },
  informatization: { zh: '信息化', en: 'informatization' },
  supervision: { zh: '监督评价', en: 'supervision and evaluation' },
} as const satisfies Record<string, Label>

export const matters = {
  'budget-funds': { zh: '经费', en: 'funds' },
  assets: { zh: '资产', en: 'assets' },
  'office-space': { zh: '办公用房', en: 'office space' },
  'official-vehicles': { zh: '公务用车', en: 'official vehicles' },
  reception: { zh: '公务接待', en: 'official reception' },
  meetings: { zh: '会议', en: 'meetings' },
  property: { zh: '物业', en: 'property services' },
  canteen: { zh: '食堂', en: 'canteen' },
  'transitional-housing': { zh: '周转房', en: 'transitional housing' },
  'energy-saving': { zh: '节能', en: 'energy saving' },
  security: { zh: '安全', en: 'security' },
  information: { zh: '信息化', en: 'information systems' },
  procurement: { zh: '采购', en: 'procurement' },
} as const satisfies Record<string, Label>

/** GB/T 1.1-2020, annex C: the five clause types. */
export const clauseTypes = {
  requirement: { zh: '要求', en: 'requirement' },
  instruction: { zh: '指示', en: 'instruction' },
  recommendation: { zh: '推荐', en: 'recommendation' },
  permission: { zh: '允许', en: 'permission' },
  statement: { zh: '陈述', en: 'statement' },
} as const satisfies Record<string, Label>

export const adoptionDegrees = {
  identical: { zh: '等同（IDT）', en: 'identical (IDT)' },
  modified: { zh: '修改（MOD）', en: 'modified (MOD)' },
  'not-equivalent': { zh: '非等效（NEQ）', en: 'not equivalent (NEQ)' },
} as const satisfies Record<string, Label>

export const textAccesses = {
  open: { zh: '公开', en: 'open' },
  internal: { zh: '内部', en: 'internal' },
  paid: { zh: '付费', en: 'paid' },
  unavailable: { zh: '无', en: 'none' },
} as const satisfies Record<string, Label>

export const eventKinds = {
  'project-approval': { zh: '立项', en: 'project approval' },
  'public-comment': { zh: '征求意见', en: 'public comment' },
  submission: { zh: '报批', en: 'submission for approval' },
  publication: { zh: '发布', en: 'publication' },
  'entry-into-force': { zh: '实施', en: 'entry into force' },
  amendment: { zh: '修改单', en: 'amendment' },
  corrigendum: { zh: '勘误', en: 'corrigendum' },
  interpretation: { zh: '解释', en: 'interpretation' },
  review: { zh: '复审', en: 'review' },
  'revision-start': { zh: '修订启动', en: 'start of revision' },
  superseded: { zh: '被代替', en: 'superseded' },
  'partly-superseded': { zh: '部分代替', en: 'partly superseded' },
  abolished: { zh: '废止', en: 'abolished' },
  reinstated: { zh: '恢复', en: 'reinstated' },
} as const satisfies Record<string, Label>

export const confidences = {
  high: { zh: '高（见封面或官方文本）', en: 'high (cover or official text seen)' },
  medium: { zh: '中（书目网站或引用）', en: 'medium (bibliographic site or citation)' },
  low: { zh: '低（仅见题名）', en: 'low (title only)' },
} as const satisfies Record<string, Label>

export const tierNames = {
  public: { zh: '公开', en: 'public' },
  federation: { zh: '成员共享', en: 'any active member' },
  group: { zh: '协作组内', en: 'one co-operation group' },
  pair: { zh: '结对双方', en: 'the two agencies of a project' },
  private: { zh: '仅本机关', en: 'this agency alone' },
} as const satisfies Record<string, Label>

/** The closed list of record types (PROTOCOL: section 3). Those without a schema here are not accepted yet. */
export const recordTypes = {
  StandardRecord: { zh: '标准记录', en: 'standard' },
  LifecycleEvent: { zh: '生命周期事件', en: 'lifecycle event' },
  MappingProposal: { zh: '映射工作', en: 'mapping work' },
  RecognitionAttestation: { zh: '互认声明', en: 'recognition' },
  InterconnectionAttestation: { zh: '互通声明', en: 'interconnection' },
  ReuseAttestation: { zh: '互用声明', en: 'reuse' },
  BasisDocument: { zh: '依据文件', en: 'basis document' },
  ImplementationReport: { zh: '实施情况报告', en: 'implementation report' },
  IndicatorSet: { zh: '评价指标体系', en: 'indicator set' },
  RegistryVersion: { zh: '登记册版本', en: 'version of the registry' },
  Receipt: { zh: '收讫证明', en: 'receipt' },
  Disclosure: { zh: '公开声明', en: 'disclosure' },
  ErasureRequest: { zh: '删除请求', en: 'erasure request' },
  EpochStart: { zh: '日志新编开篇', en: 'start of an epoch' },
} as const satisfies Record<string, Label>

export type RecordType = keyof typeof recordTypes

/** Acts about agreements, which only keys of purpose `attest` may sign. */
export const attestationTypes = [
  'RecognitionAttestation',
  'InterconnectionAttestation',
  'ReuseAttestation',
] as const satisfies readonly RecordType[]

export type AttestationType = (typeof attestationTypes)[number]

export function isAttestationType(type: string): type is AttestationType {
  return attestationTypes.some((known) => known === type)
}

/** Whether a record of this type may be an act about an agreement: one that only a later version knows may be. */
export function mayBeAct(type: string): boolean {
  return isAttestationType(type) || !Object.hasOwn(recordTypes, type)
}

/** The purpose of the keys that may sign a record of this type. */
export function purposeOf(type: RecordType): 'publish' | 'attest' {
  return isAttestationType(type) ? 'attest' : 'publish'
}

export function keysOf<K extends string>(table: Readonly<Record<K, Label>>): readonly [K, ...K[]] {
  const [first, ...rest] = Object.keys(table).filter((key): key is K => Object.hasOwn(table, key))
  if (first === undefined) throw new TypeError('an empty list of words')
  return [first, ...rest]
}
