import { foldWidth, splitList } from '../../protocol/identifier/cell.ts'
import { classes, keysOf, type levels, type mandates, matters } from '../../protocol/record/vocabulary.ts'
import type { LifecycleState } from '../../protocol/standing/lifecycle.ts'

export type Level = keyof typeof levels
export type Mandate = keyof typeof mandates
export type ClassName = keyof typeof classes
export type Matter = keyof typeof matters

/** What a cell 级别 says. `local` leaves open whether of a province or a city. */
export interface StatedLevel {
  readonly level?: Level | 'local'
  readonly mandate?: Mandate
}

type Words<K extends string> = Readonly<Record<K, readonly string[]>>

const levelWords: Words<Level | 'local'> = {
  national: ['国家', '国标', '国家标准', '国家级'],
  industry: ['行业', '行标', '行业标准', '行业级'],
  local: ['地方', '地标', '地方标准'],
  provincial: ['省级', '省标', '省级标准', '省级地标', '省级地方标准', '省地方标准', '直辖市地方标准'],
  municipal: ['市级', '市标', '市级标准', '市级地标', '市级地方标准', '市地方标准', '市州级地方标准'],
  group: ['团体', '团标', '团体标准'],
  enterprise: [
    '企业',
    '企标',
    '企业标准',
    '内部',
    '内部标准',
    '企业内部标准',
    '企业(内部)标准',
    '组织内部标准',
    '组织内部(企业)标准',
    '单位内部标准',
  ],
}

const mandateWords: Words<Mandate> = {
  mandatory: ['强制性', '强制'],
  recommended: ['推荐性', '推荐'],
  guidance: ['指导性', '指导性技术文件'],
}

const classWords: Words<ClassName> = {
  general: ['通用基础', '基础', '通用', '综合基础', '基础与通用'],
  funds: ['经费', '机关运行经费', '机关运行经费管理', '机关运行成本'],
  assets: ['资产', '国有资产', '国有资产管理', '机关资产管理'],
  logistics: ['后勤', '后勤保障', '后勤服务保障', '服务保障', '机关后勤服务', '后勤管理'],
  energy: ['节能', '节能管理', '公共机构节能管理', '节约能源资源', '公共机构节约能源资源'],
  informatization: ['信息化建设', '信息化管理', '数字化'],
  supervision: ['监督', '评价', '监督与评价', '监督和评价', '评价监督', '考核评价', '监督考核'],
}

const matterWords: Words<Matter> = {
  'budget-funds': ['经费管理', '机关运行经费', '预算'],
  assets: ['资产管理', '国有资产', '国有资产管理'],
  'office-space': ['办公用房管理', '用房', '办公室用房'],
  'official-vehicles': ['公务用车管理', '公车', '车辆', '用车'],
  reception: ['接待', '公务接待管理'],
  meetings: ['会务', '会议服务', '会议管理'],
  property: ['物业管理', '物业服务'],
  canteen: ['机关食堂', '食堂管理', '餐饮'],
  'transitional-housing': ['周转房管理', '周转住房'],
  'energy-saving': ['公共机构节能', '节能管理', '节约能源资源'],
  security: ['安全管理', '安全保卫', '安保'],
  information: ['信息化建设', '信息化管理', '信息'],
  procurement: ['政府采购', '采购管理'],
}

const stateWords: Words<Exclude<LifecycleState, 'disputed' | 'undetermined'>> = {
  drafting: ['制定中', '在研', '在编', '起草中', '立项'],
  upcoming: ['即将实施', '待实施', '未实施', '尚未实施', '已发布未实施'],
  'in-force': ['现行', '现行有效', '有效', '实施', '已实施'],
  superseded: ['被代替', '已被代替', '被替代', '已被替代'],
  abolished: ['废止', '已废止', '作废', '已作废', '失效'],
}

const levelOf = tableOf(levelWords)
const mandateOfWord = tableOf(mandateWords)
const classOf = tableOf(classWords)
const matterOf = tableOf(matterWords)
const stateOf = tableOf(stateWords)
const classOfLabel = labelsOf(classes)
const matterOfLabel = labelsOf(matters)

function tableOf<K extends string>(words: Words<K>): ReadonlyMap<string, K> {
  const table = new Map<string, K>()
  for (const key in words) for (const word of words[key]) table.set(word, key)
  return table
}

function labelsOf<K extends string>(labels: Readonly<Record<K, { zh: string; en: string }>>): Map<string, K> {
  return new Map(keysOf(labels).map((key) => [labels[key].zh, key]))
}

function plain(cell: string): string {
  return foldWidth(cell).replace(/\s/g, '')
}

/**
 * A level with or without the mandate before or behind it: `国标`, `推荐性国家标准`, `国家标准（推荐性）`.
 *
 * @see spec/import.md, IMP-16
 */
export function readLevel(cell: string): StatedLevel | undefined {
  const text = plain(cell)
  const [, before = '', rest = '', behind = ''] =
    /^(强制性?|推荐性?|指导性)?([^()]*(?:\([^()]*\)[^()]+)?)(?:\((强制性?|推荐性?|指导性)\))?$/.exec(text) ??
    []
  const mandate = mandateOfWord.get(before || behind)
  const level = levelOf.get(rest) ?? (rest === '标准' || rest === '' ? undefined : null)
  if (level === null || (level === undefined && mandate === undefined)) return undefined
  return { ...(level === undefined ? {} : { level }), ...(mandate === undefined ? {} : { mandate }) }
}

/** One of the seven classes, with or without 类 or 标准 behind it or a number before it. @see spec/import.md, IMP-17 */
export function readClass(cell: string): ClassName | undefined {
  const text = plain(cell)
    .replace(/^(?:\(?[\d一二三四五六七]{1,2}[).、,:]?)/, '')
    .replace(/(?:类标准|标准|类)$/, '')
  return classOfLabel.get(text) ?? classOf.get(text)
}

/** Functions of the closed list of 13, and the words that are none. @see spec/import.md, IMP-18 */
export function readMatters(cell: string): {
  readonly known: readonly Matter[]
  readonly unknown: readonly string[]
} {
  const known = new Set<Matter>()
  const unknown: string[] = []
  for (const word of splitList(foldWidth(cell), /[、,;\s/]/)) {
    const matter = matterOfLabel.get(word) ?? matterOf.get(word)
    if (matter === undefined) unknown.push(word)
    else known.add(matter)
  }
  return { known: [...known], unknown }
}

/** `undefined` for words that are no state. Read for comparison alone. @see spec/import.md, IMP-26 */
export function readState(cell: string): LifecycleState | undefined {
  return stateOf.get(plain(cell))
}

export function labelsInOrder(labels: Readonly<Record<string, { readonly zh: string }>>): string {
  return Object.values(labels)
    .map(({ zh }) => zh)
    .join('、')
}
