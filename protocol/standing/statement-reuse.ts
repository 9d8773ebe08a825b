import type { ReuseAgreement } from '../record/agreement.ts'
import { grounds, manners } from '../record/agreement-word.ts'
import { matters } from '../record/vocabulary.ts'
import type { StatementNames } from './statement-name.ts'

/**
 * What a reuse is about: who uses which standard of whom, how, in which document, and on what ground.
 *
 * @see spec/agreement.md, AGREE-100
 */
export function describeReuse(
  { scope, parties, evidence = [], disposalDays }: ReuseAgreement,
  names: StatementNames,
): readonly string[] {
  const { edition, clauses, manner, target, ground, reuser } = scope
  const parts =
    clauses === undefined
      ? '全文'
      : `条款${clauses.map((uid) => names.clause(edition.id, uid) ?? uid).join('、')}`
  const title = target.titleZh === undefined ? '' : `《${target.titleZh}》`
  const file = target.digest === undefined ? '' : `（文件 ${target.digest}）`
  const lines = [
    `二、${names.party(parties[reuser].id)}使用《${names.edition(edition.id)}》${parts}，方式：${manners[manner].zh}；用于${target.documentNo}${title}${file}${mattersOf(scope)}。`,
    'statute' in ground
      ? `　　依据：${grounds[ground.statute].zh}。`
      : `　　依据：互认声明 ${ground.recognition.id}（${ground.recognition.digest}）；该声明失效的，须于${disposalDays}日内处置。`,
  ]
  const proofs = evidence.map((item) => ('digest' in item ? `文件 ${item.digest}` : item.documentNo))
  return proofs.length === 0 ? lines : [...lines, `　　佐证：${proofs.join('、')}。`]
}

function mattersOf({ matters: slugs }: ReuseAgreement['scope']): string {
  return slugs === undefined ? '' : `；限事项${slugs.map((slug) => matters[slug].zh).join('、')}`
}

/** What becomes of it when its ground falls. */
export function describeGround({ scope: { ground }, disposalDays }: ReuseAgreement): string {
  if ('statute' in ground) return ''
  return `；所引互认失效、到期、续签或所依据的映射行失效的，自该日起待处置，须于${disposalDays}日内处置；所引互认因撤回而终止的，此前已开始的互用至本声明期满`
}
