import { canonicalize } from '../canonical.ts'
import { checkRun, isConformant } from '../conformance/run.ts'
import { checkSuite, suiteIri } from '../conformance/suite.ts'
import { ProtocolError } from '../error.ts'
import { type Digest, isDigest } from '../hash.ts'
import type { InterconnectionAgreement } from '../record/agreement.ts'
import type { Condition } from './condition.ts'
import type { InterconnectionFacts, KnownFile } from './interconnection-facts.ts'

interface Files {
  readonly agreement: InterconnectionAgreement
  readonly facts: Pick<InterconnectionFacts, 'schema' | 'suite' | 'runs'>
}

const names = [
  ['接口模式', 'the schema'],
  ['测试集', 'the suite'],
  ['甲方运行结果', 'the run by the first party'],
  ['乙方运行结果', 'the run by the second party'],
] as const

/** C1: all four files are at hand and can be read. @see spec/agreement.md, AGREE-71 */
export function filesCondition({ facts: { schema, suite, runs } }: Files): Condition {
  const shared = { condition: 'C1' } as const
  const files: readonly KnownFile<unknown>[] = [schema, suite, ...runs]
  const named = files.map((file, i) => ({ file, name: names[i] ?? names[0] }))
  const faulty = named.find(({ file }) => file && 'fault' in file)
  if (faulty?.file && 'fault' in faulty.file)
    return {
      ...shared,
      outcome: 'failed',
      code: 'CONFORMANCE_INVALID',
      zh: `${faulty.name[0]}不合规：${faulty.file.fault}`,
      en: `${faulty.name[1]} cannot be read: ${faulty.file.fault}`,
    }
  const absent = named.filter(({ file }) => file === undefined)
  if (absent.length > 0)
    return {
      ...shared,
      outcome: 'unknown',
      code: 'CONFORMANCE_MISSING',
      zh: `缺少${absent.map(({ name }) => name[0]).join('、')}`,
      en: `not at hand: ${absent.map(({ name }) => name[1]).join(', ')}`,
    }
  return {
    ...shared,
    outcome: 'passed',
    zh: '四个文件均在，摘要相符',
    en: 'all four are here, by their digests',
  }
}

/**
 * C2: both runs are of this very suite, each by its own party, against what the agreement names as the other's, in the environment that
 * it names. What is not at hand is C1's to say.
 *
 * @see spec/agreement.md, AGREE-72
 */
export function runCondition({ agreement, facts }: Files): Condition {
  const shared = { condition: 'C2' } as const
  const { scope, parties } = agreement
  const { schema, suite, runs } = facts
  if (!suite || !('value' in suite) || !schema || !('value' in schema)) return notTold('C2')
  const { id, version } = suite.value
  const failed = (zh: string, en: string): Condition => ({
    ...shared,
    outcome: 'failed',
    code: 'CONFORMANCE_INVALID',
    zh,
    en,
  })
  const named = scope.suite.id === id || scope.suite.id === suiteIri(suite.value)
  if (!named || version !== scope.suite.version)
    return failed('测试集的名称或版本不是声明所指的', 'the suite has another id or version than agreed')
  const broken = faultIn(() => checkSuite(suite.value, schema.value))
  if (broken !== undefined)
    return failed(`测试集与接口模式不符 ${broken}`, `the suite is not about this schema: ${broken}`)
  for (const [i, run] of runs.entries()) {
    const [zh, en] = names[i + 2] ?? names[2]
    if (!run || !('value' in run)) continue
    const fault = faultIn(() =>
      checkRun(run.value, suite.value, { suite: asDigest(scope.suite.digest), schema: scope.schema }),
    )
    if (fault !== undefined)
      return failed(`${zh}不属于此测试集 ${fault}`, `${en} is not of this suite: ${fault}`)
    if (run.value.runBy !== parties[i]?.id) return failed(`${zh}不是该方所运行`, `${en} was not run by it`)
    if (canonicalize({ ...run.value.target }) !== canonicalize({ ...scope.endpoints[1 - i] }))
      return failed(`${zh}的对象不是对方的端点或样例`, `${en} was not run against the other party`)
    if (run.value.environment !== scope.environment)
      return failed(`${zh}的环境不是声明所指的`, `${en} was run in another environment than agreed`)
  }
  if (runs.some((run) => !run || !('value' in run))) return notTold('C2')
  return {
    ...shared,
    outcome: 'passed',
    zh: `${id} ${version}，互测对方`,
    en: `${id} ${version}, each against the other`,
  }
}

/** C3. @see spec/agreement.md, AGREE-72 */
export function passCondition({ facts: { runs } }: Files): Condition {
  const shared = { condition: 'C3' } as const
  for (const [i, run] of runs.entries()) {
    if (!run || !('value' in run) || isConformant(run.value)) continue
    const [zh, en] = names[i + 2] ?? names[2]
    const { of, passed } = run.value.summary.mandatory
    return {
      ...shared,
      outcome: 'failed',
      code: 'CONFORMANCE_FAILED',
      zh: `${zh}：必测项${of}项中通过${passed}项`,
      en: `${en}: ${passed} of ${of} mandatory cases passed`,
    }
  }
  if (runs.some((run) => !run || !('value' in run))) return notTold('C3')
  return { ...shared, outcome: 'passed', zh: '双方运行的必测项全部通过', en: 'all passed in both runs' }
}

function notTold(condition: 'C2' | 'C3'): Condition {
  return {
    condition,
    outcome: 'unknown',
    code: 'CONFORMANCE_MISSING',
    zh: '文件不全，无法判定',
    en: 'cannot be told without all files',
  }
}

function asDigest(text: string): Digest {
  if (!isDigest(text)) throw new ProtocolError('SCHEMA_INVALID', 'not a digest')
  return text
}

function faultIn(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return error.place.pointer ?? error.code
  }
}
