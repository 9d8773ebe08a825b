import type {
  Agreement,
  InterconnectionAgreement,
  RecognitionAgreement,
  ReuseAgreement,
} from '../record/agreement.ts'
import { grounds, manners } from '../record/agreement-word.ts'
import { effects } from '../record/mapping-word.ts'
import { matters } from '../record/vocabulary.ts'

/** Names of what an agreement refers to, as far as the reader has them; what he has not is shown as it stands. */
export interface StatementNames {
  readonly party: (did: string) => string
  readonly edition: (id: string) => string
  /** `4.2 维修费用 —— 5.1 费用上限` of a row. */
  readonly row: (row: string) => string | undefined
}

/** A name never stands for an id: anybody may bear it. */
export function withName(name: string, id: string): string {
  return name === id ? id : `${name}（${id}）`
}

/** What is agreed, by kind: the second section of a statement. @see spec/agreement.md, AGREE-100 */
export function describeScope(agreement: Agreement, names: StatementNames): readonly string[] {
  switch (agreement.kind) {
    case 'recognition':
      return describeRecognition(agreement, names)
    case 'interconnection':
      return describeInterconnection(agreement, names)
    case 'reuse':
      return describeReuse(agreement, names)
  }
}

function describeRecognition(
  { scope, effects: list, parties, mapping }: RecognitionAgreement,
  names: StatementNames,
): readonly string[] {
  const party = (i: 0 | 1) => names.party(parties[i].id)
  return [
    '二、所引版本：',
    ...scope.editions.map((edition) => `　　${describeEdition(edition, names)}`),
    ...(scope.clauses ? [`限于下列${scope.clauses.length}条条款：`, ...indented(scope.clauses)] : []),
    ...(scope.matters ? [describeMatters(scope.matters)] : []),
    ...(scope.divisions ? [`限于区划：${scope.divisions.join('、')}。`] : []),
    `对应关系见映射集 ${'digest' in mapping ? mapping.digest : mapping.commitment}，逐行效力如下：`,
    ...list.map(({ row, from, to, effect, conditions }) => {
      const direction =
        effect === 'direct'
          ? `${party(from)}与${party(to)}互认`
          : effect === 'refused'
            ? `${party(to)}不采信${party(from)}`
            : `符合${party(from)}条款的，${party(to)}予以采信`
      const limits = conditions ? `；条件：${conditions.join('；')}` : ''
      return `　　${row} ${names.row(row) ?? ''}：${effects[effect].zh}，${direction}${limits}。`
    }),
  ]
}

function describeInterconnection(
  { scope, results, parties }: InterconnectionAgreement,
  names: StatementNames,
): readonly string[] {
  const { suite, endpoints } = scope
  const [first, second] = parties.map(({ id }) => names.party(id))
  const [ofFirst, ofSecond] = endpoints.map((one) => ('url' in one ? one.url : `样例数据 ${one.sample}`))
  return [
    `二、接口标准：${describeEdition(scope.interface, names)}。`,
    `　　接口模式：${scope.schema}；`,
    `　　测试集：${suite.id} ${suite.version}（${suite.digest}）；`,
    `　　测试环境：${scope.environment}；`,
    `　　${first}的端点：${ofFirst}，由${second}测试，运行结果 ${results[1]}；`,
    `　　${second}的端点：${ofSecond}，由${first}测试，运行结果 ${results[0]}。`,
    '两份运行结果的必测项均须通过，否则本声明不生效。',
  ]
}

function describeReuse(
  { scope, parties, evidence, disposalDays }: ReuseAgreement,
  names: StatementNames,
): readonly string[] {
  const { target, ground } = scope
  const titled = target.titleZh === undefined ? '' : `《${target.titleZh}》`
  const pinned = target.digest === undefined ? '' : `（${target.digest}）`
  return [
    `二、使用方：${names.party(parties[scope.reuser].id)}，${manners[scope.manner].zh}。`,
    `　　所用标准：${describeEdition(scope.edition, names)}；`,
    scope.clauses
      ? `　　所用条款（${scope.clauses.length}条）：${scope.clauses.join('、')}；`
      : '　　所用条款：全部；',
    ...(scope.matters ? [`　　${describeMatters(scope.matters)}`] : []),
    `　　用于文件：${target.documentNo}${titled}${pinned}；`,
    'recognition' in ground
      ? `　　依据：互认声明 ${ground.recognition.id}（${ground.recognition.digest}），其失效后须于${disposalDays}日内处置；`
      : `　　依据：法定，${grounds[ground.statute].zh}；`,
    evidence
      ? `　　佐证：${evidence.map((one) => ('digest' in one ? one.digest : one.documentNo)).join('、')}。`
      : '　　佐证：未列。',
  ]
}

function describeMatters(list: readonly (keyof typeof matters)[]): string {
  return `限于事项：${list.map((matter) => matters[matter].zh).join('、')}。`
}

function describeEdition(
  { id, digest }: { readonly id: string; readonly digest: string },
  names: StatementNames,
): string {
  const name = names.edition(id)
  return `${name === id ? '' : `《${name}》 `}${id}（${digest}）`
}

function indented(texts: readonly string[]): readonly string[] {
  return texts.map((text) => `　　${text}`)
}
