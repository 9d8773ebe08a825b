import type { InterconnectionAgreement } from '../record/agreement.ts'
import type { StatementNames } from './statement-name.ts'

/**
 * What an interconnection is about: the standard, what it was tried with, and what each was tried against.
 *
 * @see spec/agreement.md, AGREE-100
 */
export function describeInterconnection(
  { scope, parties, results }: InterconnectionAgreement,
  names: StatementNames,
): readonly string[] {
  const { suite, schema, environment, endpoints } = scope
  const party = (i: number) => names.party(parties[i]?.id ?? '')
  return [
    `二、接口标准：《${names.edition(scope.interface.id)}》。接口模式 ${schema}；测试集 ${suite.id} ${suite.version}（${suite.digest}）；测试环境：${environment}。双方各以该测试集测对方，必测项均已通过：`,
    ...endpoints.map((endpoint, i) => {
      const target = 'url' in endpoint ? `端点 ${endpoint.url}` : `样例数据 ${endpoint.sample}`
      return `　　${party(i)}的${target}，由${party(1 - i)}测试，运行结果 ${results[1 - i] ?? ''}。`
    }),
  ]
}
