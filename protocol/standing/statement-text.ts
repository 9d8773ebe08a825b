import type { Agreement, RecognitionAgreement } from '../record/agreement.ts'
import { revisionRules } from '../record/agreement-word.ts'
import { effects } from '../record/mapping-word.ts'
import { describeInterconnection } from './statement-interconnection.ts'
import type { StatementNames } from './statement-name.ts'
import { describeGround, describeReuse } from './statement-reuse.ts'

const kinds = {
  recognition: { zh: '互认', verb: '相互承认下列标准条款' },
  interconnection: { zh: '互通', verb: '按下列接口标准互通' },
  reuse: { zh: '互用', verb: '使用对方的下列标准' },
} as const

/**
 * The statement that is signed, in plain Chinese, line by line: what each signature brings about, and what will end it. Every term of
 * the agreement is in it; the digest under it is what is signed.
 *
 * @see spec/agreement.md, AGREE-100
 */
export function describeAgreement(
  agreement: Agreement,
  digest: string,
  names: StatementNames,
): readonly string[] {
  const [first, second] = agreement.parties.map(({ id }) => names.party(id))
  const { zh, verb } = kinds[agreement.kind]
  return [
    `${zh}声明`,
    `一、${first}与${second}依据${agreement.basis.number}，在项目 ${agreement.project} 内${verb}。`,
    ...describeScope(agreement, names),
    `三、期限：自${agreement.effectiveFrom}起，至${agreement.validUntil}前一日止；双方签署均入日志之日晚于起始日的，自该日起。须于${agreement.acceptBy}前（含当日）同意。`,
    `四、何时终止：期满；任一方撤回，通知${agreement.noticeDays}日后；依据文件废止；${describeEnd(agreement)}。终止无须再签署，对所有核验者自动生效。`,
    ...(agreement.supersedes
      ? [`五、自本声明生效之日起，代替声明 ${agreement.supersedes.id}（${agreement.supersedes.digest}）。`]
      : []),
    `编号：${agreement.id}`,
    `签署的摘要：${digest}`,
  ]
}

function describeScope(agreement: Agreement, names: StatementNames): readonly string[] {
  switch (agreement.kind) {
    case 'recognition':
      return describeRecognition(agreement, names)
    case 'interconnection':
      return describeInterconnection(agreement, names)
    case 'reuse':
      return describeReuse(agreement, names)
  }
}

/** What ends each kind by itself. */
function describeEnd(agreement: Agreement): string {
  const then = describeRevision(agreement)
  switch (agreement.kind) {
    case 'recognition':
      return `所引标准废止或被代替的，${then}；修改单所及条款，逐行${then}`
    case 'interconnection':
      return `接口标准废止、被代替、有修改单或其记录修订的，${then}`
    case 'reuse':
      return `所用标准废止或被代替的，${then}；${agreement.scope.clauses ? '修改单所及条款为所用条款' : '所用标准有修改单'}的，${then}${describeGround(agreement)}`
  }
}

function describeRecognition(
  { scope, effects: list, parties, mapping }: RecognitionAgreement,
  names: StatementNames,
): readonly string[] {
  const party = (i: 0 | 1) => names.party(parties[i].id)
  const editions = scope.editions.map(({ id }) => `《${names.edition(id)}》`).join('、')
  const within = [
    scope.clauses ? `限${scope.clauses.length}条条款` : '',
    scope.matters ? `限事项 ${scope.matters.join('、')}` : '',
    scope.divisions ? `限区划 ${scope.divisions.join('、')}` : '',
  ].filter((text) => text !== '')
  return [
    `二、所引版本：${editions}${within.length === 0 ? '' : `（${within.join('；')}）`}。对应关系见映射集 ${'digest' in mapping ? mapping.digest : mapping.commitment}，逐行效力如下：`,
    ...list.map(({ row, from, to, effect, conditions }) => {
      const direction =
        effect === 'direct'
          ? `${party(0)}与${party(1)}互认`
          : effect === 'refused'
            ? `${party(to)}不采信${party(from)}`
            : `符合${party(from)}条款的，${party(to)}予以采信`
      const limits = conditions ? `；条件：${conditions.join('；')}` : ''
      return `　　${row} ${names.row(row) ?? ''}：${effects[effect].zh}，${direction}${limits}。`
    }),
  ]
}

function describeRevision({ onRevision, graceDays }: Agreement): string {
  return onRevision === 'lapse' ? `当日${revisionRules.lapse.zh}` : `宽限${graceDays}日后失效`
}
