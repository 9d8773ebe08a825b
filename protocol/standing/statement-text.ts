import { addYears } from '../date.ts'
import type { Agreement } from '../record/agreement.ts'
import { revisionRules } from '../record/agreement-word.ts'
import { describeScope, type StatementNames, withName } from './statement-scope.ts'

export type { StatementNames } from './statement-scope.ts'

const kinds = {
  recognition: { zh: '互认', verb: '相互承认下列标准条款' },
  interconnection: { zh: '互通', verb: '按下列接口标准互通' },
  reuse: { zh: '互用', verb: '由一方使用对方的下列标准' },
} as const

/**
 * The statement that is signed, in plain Chinese, line by line: what each signature brings about, and what will end it. Every term of
 * the agreement is in it, by its value or its word; the digest under it is what is signed. Names are what the reader's files say: the
 * ids and digests beside them are what counts.
 *
 * @see spec/agreement.md, AGREE-100
 */
export function describeAgreement(
  agreement: Agreement,
  digest: string,
  names: StatementNames,
): readonly string[] {
  const [first, second] = agreement.parties.map(({ id }) => withName(names.party(id), id))
  const { basis, project, supersedes } = agreement
  const { zh, verb } = kinds[agreement.kind]
  return [
    `${zh}声明`,
    `一、甲方${first}与乙方${second}依据${basis.number}（记录摘要 ${basis.digest}），在项目 ${project} 内${verb}。`,
    ...describeScope(agreement, names),
    `三、期限：自${agreement.effectiveFrom}起，至${agreement.validUntil}前一日止；双方签署均入日志之日晚于起始日的，自该日起。须于${agreement.acceptBy}前（含当日）同意。`,
    '四、何时终止，以先到者为准（终止无须再签署，对所有核验者自动生效）：',
    ...endingsOf(agreement).map((text, i) => `　　${i + 1}. ${text}；`),
    ...(supersedes ? [`五、自本声明生效之日起，代替声明 ${supersedes.id}（${supersedes.digest}）。`] : []),
    `编号：${agreement.id}（格式第${agreement.v}版，随机数 ${agreement.nonce}）`,
    `签署的摘要：${digest}`,
  ]
}

/** Everything that ends it, whoever acts or nobody. @see spec/agreement.md, AGREE-25, 26, 32, 33, 36, 37, 73, 80 and 84 */
function endingsOf(agreement: Agreement): readonly string[] {
  const { effectiveFrom, validUntil, noticeDays } = agreement
  const pinned = { recognition: '所引标准', interconnection: '接口标准', reuse: '所用标准' }[agreement.kind]
  return [
    `期满：${validUntil}起不再有效`,
    `${pinned}在起始日之后最先到期的复审之日（以起始日所知为准）；起始日已逾期未复审，或复审日不明的，${addYears(effectiveFrom, 1)}起不再有效`,
    `任一方撤回：自撤回入日志之日起，通知${noticeDays}日后，不溯及既往`,
    '依据文件废止或被代替，自该日起',
    `${pinned}废止或被代替的，${describeRevision(agreement)}；有争议的，争议期间不生效`,
    ...changesOf(agreement),
    '双方另签声明代替本声明的，自其生效之日起',
  ]
}

/** What a change of the text of an edition brings down. */
function changesOf(agreement: Agreement): readonly string[] {
  const when = describeRevision(agreement)
  switch (agreement.kind) {
    case 'recognition':
      return [
        `修改单或部分代替所及条款，以及标准记录修订后与所引不同的条款，所涉各行${when}（未列明条款的，该标准各行）；各行均失效的，全部终止`,
      ]
    case 'interconnection':
      return [`接口标准有修改单、被部分代替，或其记录修订的，${when}`]
    case 'reuse':
      return [
        agreement.scope.clauses
          ? `所用条款被修改、被部分代替，或在标准记录修订后与所引不同的，${when}`
          : `所用标准被修改、被部分代替，或其记录修订的，${when}`,
        describeGroundEnd(agreement.scope.ground, agreement.disposalDays),
      ]
  }
}

function describeGroundEnd(ground: object, disposalDays: number): string {
  return 'recognition' in ground
    ? `所依据的互认声明期满、失效、被代替，或所依据的各行失效的，自该日起；此前已开始使用的，须于其后${disposalDays}日内处置。互认因一方撤回而终止的，此前已开始的使用不受影响，至期满为止`
    : `不再属于法定依据的，自该日起（处置期限${disposalDays}日，依据互认声明时适用）`
}

function describeRevision({ onRevision, graceDays }: Agreement): string {
  const { zh } = revisionRules[onRevision]
  return onRevision === 'lapse' ? `当日${zh}` : `${zh}${graceDays}日后失效`
}
