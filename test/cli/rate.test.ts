import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { recognitionBundle, syntheticConsent } from '../../fixtures/synthetic/recognition.ts'
import {
  heavySet,
  inapplicableLine,
  syntheticLine as line,
  syntheticIndicators,
  syntheticReport,
} from '../../fixtures/synthetic/report.ts'
import { syntheticEvent, syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { decodeUtf8 } from '../../protocol/bytes.ts'
import { csx, folder } from './csx.ts'

const [one, two, third] = [7401, 7402, 7403].map((port, i) =>
  syntheticMember(`合成${'甲乙丙'[i]}`, `http://localhost:${port}`),
) as [any, any, any]
const path = (name: string) => join(folder, name)
const write = (name: string, text: string | Uint8Array) => writeFileSync(path(name), text)

/** The number of a run with `--json`, and its exit. */
async function rate(...args: readonly string[]) {
  const { code, out, err } = await csx(['rate', ...args, '--trust', 'trust.json', '--json'])
  const answer: any = out === '' ? undefined : JSON.parse(out)
  return { code, answer, err, u: answer?.figures?.utilisation }
}

beforeAll(async () => {
  write('trust.json', JSON.stringify(syntheticRegistry([one, two, third])))
  const dates = { publishedOn: '2020-01-01', effectiveOn: '2020-06-01' }
  const north = new SyntheticLog(one, Date.UTC(2026, 3, 2))
  const first = await north.publish(syntheticStandard(1, { ...dates, important: true }))
  const second = await north.publish(syntheticStandard(2, dates))
  const report = await north.publish(syntheticReport('2026-Q1', [line(first, 1, 4), line(second, 1, 3)]))
  for (const [n, name] of ['old-first', 'old-second', 'old'].entries())
    write(`${name}.csx.json`, await north.bundle(n))
  const correction = syntheticReport('2026-Q1', [line(first, 3, 4), line(second, 1, 3)], {
    revisionOf: report,
  })
  await north.publish(correction)
  await north.publish(syntheticEvent({ id: second.id, digest: second.digest }, 'superseded', '2026-05-01'))
  await north.publish(syntheticIndicators(heavySet))
  for (const [n, name] of ['first', 'second', 'report', 'correction'].entries())
    write(`${name}.csx.json`, await north.bundle(n))
  write('set.csx.json', await north.bundle(5))
  write('correction.json', decodeUtf8(north.logged[3]!.bytes))
  write('second.json', decodeUtf8(north.logged[1]!.bytes))
  const bundle = await north.bundle(3)
  write('altered.csx.json', bundle.replace('"clausesExecuted":3', '"clausesExecuted":4'))
  const south = new SyntheticLog(two, Date.UTC(2026, 3, 3))
  await south.publish(syntheticReport('2026-Q1', [line(first, 2, 5), inapplicableLine(second)]))
  await south.publish(syntheticReport('2026-Q2', [line(first, 5, 5)]))
  await south.publish({ ...syntheticReport('2025-Q4', [line(first, 5, 5)]) })
  for (const [n, name] of ['south', 'south-q2'].entries()) write(`${name}.csx.json`, await south.bundle(n))
  await south.commit({ ...syntheticReport('2025-Q3', [line(first, 1, 1)]), tier: 'federation' })
  write('inner.csx.json', await south.bundle(3))
  write('set.json', JSON.stringify(heavySet))
  const west = new SyntheticLog(third, Date.UTC(2026, 6, 3))
  await west.publish(syntheticIndicators(heavySet))
  const earlier = await west.publish(syntheticReport('2026-Q1', [line(second, 3, 3)]))
  const real = await west.publish(syntheticReport('2026-Q2', [line(first, 1, 4)]))
  await west.publish(syntheticReport('2026-Q2', [line(first, 4, 4)]))
  const stray = syntheticReport('2026-Q2', [line(first, 3, 4)], { revisionOf: earlier })
  const fixed = syntheticReport('2026-Q2', [line(first, 2, 4)], { revisionOf: real })
  for (const [n, name] of ['start', 'earlier', 'real', 'again'].entries())
    write(`west-${name}.csx.json`, await west.bundle(n))
  await west.publish(stray)
  write('west-stray.csx.json', await west.bundle(4))
  await west.publish(fixed)
  for (const [n, name] of ['start', 'earlier', 'real', 'again', 'stray', 'fixed'].entries())
    write(`west-${name}-now.csx.json`, await west.bundle(n))
})

const editions = ['first.csx.json', 'second.csx.json']

describe('csx rate', () => {
  test('[RATE-30] computes the exact number offline, whatever the order of the files', async () => {
    const files = ['report.csx.json', 'correction.csx.json', 'south.csx.json', ...editions]
    const { code, answer, u } = await rate(...files)
    expect([code, u]).toEqual([
      0,
      { state: 'determined', numerator: '79', denominator: '150', shown: '52.67%' },
    ])
    expect(answer.reporting).toEqual({ reported: 2, expected: 3, missing: [third.did] })
    expect(answer.files.every(({ counted, verdict }: any) => counted && verdict === 'verified')).toBe(true)
    const { files: _, ...rest } = answer
    const turned = await rate(...files.toReversed())
    const { files: __, ...again } = turned.answer
    expect(again).toEqual(rest)
  })

  test('[RATE-30] what is not verified is named and not counted, unless asked for, and then it is said', async () => {
    const files = ['correction.json', ...editions]
    const plain = await rate(...files)
    expect([plain.code, plain.err]).toEqual([3, expect.stringContaining('RECORD_UNAVAILABLE')])
    const asked = await rate(...files, '--unverified')
    expect([asked.code, asked.u]).toMatchObject([3, { numerator: '11', denominator: '18' }])
    expect(asked.answer).toMatchObject({
      unverified: true,
      files: [{ verdict: 'undecided', counted: true }, {}, {}],
    })
    const { out } = await csx(['rate', ...files, '--unverified', '--trust', 'trust.json'])
    expect(out).toContain('含未核实的记录')
  })

  test('[RATE-30] a report that is not public is not counted, and what is no report at all does no harm', async () => {
    const inner = await rate('inner.csx.json', 'south.csx.json', ...editions)
    expect(inner.answer.files[0]).toMatchObject({ counted: false, what: 'report' })
    expect(inner.answer.period).toBe('2026-Q1')
    const text = await csx(['rate', 'inner.csx.json', 'south.csx.json', ...editions, '--trust', 'trust.json'])
    expect(text.out).toContain('非公开记录，不计')
    for (const [name, content] of [
      ['empty', ''],
      ['list', '[]'],
      ['text', '标准综合运用率100%'],
      ['number', '{"credentialSubject":1}'],
    ] as const) {
      write(name, content)
      const { code, answer } = await rate(name, 'south.csx.json', ...editions)
      expect([name, code, answer.files[0].counted]).toEqual([name, 1, false])
    }
    const absent = await rate('nowhere.csx.json', 'south.csx.json', ...editions)
    expect([absent.code, absent.answer.files[0].counted]).toEqual([4, false])
  })

  test('[RATE-33] an altered file is proven bad, counts for nothing, and ends with 1', async () => {
    const { code, answer } = await rate('altered.csx.json', 'south.csx.json', ...editions, '--unverified')
    expect([code, answer.reporting.reported]).toEqual([1, 1])
    expect(answer.files[0]).toMatchObject({ verdict: 'rejected', counted: false, code: expect.any(String) })
  })

  test('[RATE-33] without a report that counts there is no number, and the exit is the worst of the files', async () => {
    for (const [files, exit, words] of [
      [['altered.csx.json'], 1, ['rejected']],
      [['altered.csx.json', 'correction.json', 'nowhere.csx.json'], 1, ['rejected', 'undecided', 'error']],
      [['nowhere.csx.json', ...editions], 4, ['error', 'verified', 'verified']],
      [['inner.csx.json'], 3, ['verified']],
      [editions, 3, ['verified', 'verified']],
    ] as const) {
      const { code, answer, err } = await rate(...files)
      expect([files, code]).toEqual([files, exit])
      expect(answer.files.map(({ verdict }: any) => verdict)).toEqual(words)
      expect(err).toContain('RECORD_UNAVAILABLE')
    }
    const text = await csx(['rate', 'altered.csx.json', '--trust', 'trust.json'])
    expect([text.code, text.out]).toEqual([1, expect.stringContaining('不予采信')])
    const asked = await rate('altered.csx.json', ...editions, '--period', '2026-Q1')
    expect([asked.code, asked.u.state]).toEqual([1, 'none'])
  })

  test('[RATE-30] a bundle about an agreement is none of a report: it is not bad, and what to give is said', async () => {
    const whole = await recognitionBundle(await syntheticConsent())
    write('recognition.csx.json', whole)
    write('recognition-pretty.json', JSON.stringify(JSON.parse(whole), null, 1))
    for (const name of ['recognition.csx.json', 'recognition-pretty.json']) {
      const { code, answer } = await rate(name, 'south.csx.json', ...editions)
      expect([name, code]).toEqual([name, 4])
      expect(answer.files[0]).toMatchObject({ verdict: 'error', counted: false, code: 'FILE_TYPE_REFUSED' })
      const { out } = await csx(['rate', name, 'south.csx.json', ...editions, '--trust', 'trust.json'])
      expect(out).toMatch(/未能核验.*声明的证据包，请用 csx verify 核验；此处请给出实施情况报告/)
      expect(out).not.toContain('KEYWORD_NOT_ALLOWED')
    }
  })

  test('[RATE-31] a report whose correction is known and not given counts for nothing', async () => {
    const { code, answer } = await rate('report.csx.json', 'south.csx.json', ...editions)
    expect([code, answer.reporting.reported]).toEqual([3, 1])
    expect(answer.missingCorrections).toHaveLength(1)
    const { out } = await csx([
      'rate',
      'report.csx.json',
      'south.csx.json',
      ...editions,
      '--trust',
      'trust.json',
    ])
    expect(out).toContain('更正报告不在文件中')
    // Older than the correction, which the ranges of the editions show.
    const old = await rate('old.csx.json', ...editions)
    expect([old.code, old.u, old.answer.missingCorrections]).toEqual([
      3,
      { state: 'none' },
      answer.missingCorrections,
    ])
    // With nothing newer at hand the number is that of the old one.
    const then = await rate('old.csx.json', 'old-first.csx.json', 'old-second.csx.json')
    expect([then.code, then.u]).toMatchObject([0, { numerator: '5', denominator: '18' }])
  })

  test('[RATE-34] a report that nothing proves to be the one that counts is undecided, and says so', async () => {
    const west = (...names: readonly string[]) =>
      rate(...names.map((name) => `west-${name}.csx.json`), ...editions, '--period', '2026-Q2')
    const lone = await west('again')
    expect([lone.code, lone.u.numerator, lone.answer.unproven]).toEqual([3, '1', [third.did]])
    expect(lone.answer.agencies[0].flags.map(({ code }: any) => code)).toContain('first-unproven')
    const real = await west('real')
    expect([real.code, real.answer.unproven]).toEqual([3, [third.did]])
    // The log from entry 0 on, by a bundle about something else.
    const proven = await west('real', 'start')
    expect([proven.code, proven.u, proven.answer.unproven]).toMatchObject([
      0,
      { numerator: '1', denominator: '4' },
      [],
    ])
    const second = await west('again', 'start')
    expect([second.code, second.u.state, second.answer.missingReports]).toEqual([
      3,
      'none',
      [proven.answer.agencies[0].report.id],
    ])
    // A tree that goes further than the range of the report.
    const newer = await west('real', 'start', 'fixed-now')
    expect([newer.code, newer.u]).toMatchObject([0, { numerator: '1', denominator: '2' }])
    const { out } = await csx(['rate', 'west-again.csx.json', ...editions, '--trust', 'trust.json'])
    expect(out).toContain('不能证明所给报告是应计的那一份')
    expect(out).toContain('第0条')
  })

  test('[RATE-11] a correction of another period’s report displaces nothing, whether or not that is given', async () => {
    const west = (...names: readonly string[]) =>
      rate(...names.map((name) => `west-${name}.csx.json`), ...editions, '--period', '2026-Q2')
    const lone = await west('stray')
    expect([lone.code, lone.answer.unproven]).toEqual([3, [third.did]])
    expect(lone.answer.agencies[0].flags.map(({ code }: any) => code)).toContain('corrects-unseen')
    for (const names of [
      ['stray', 'earlier', 'real', 'start'],
      ['stray', 'real', 'start'],
    ]) {
      const { code, u, answer } = await west(...names)
      expect([code, u]).toMatchObject([0, { numerator: '1', denominator: '4' }])
      expect(answer.reporting.misdirected).toMatchObject([{ agency: third.did }])
    }
    const nothing = await west('stray', 'earlier')
    expect([nothing.code, nothing.answer.reporting.reported]).toEqual([3, 0])
  })

  test('[RATE-12] a lone correction of a report that nobody shows is undecided', async () => {
    const lone = await rate('west-fixed-now.csx.json', ...editions)
    expect([lone.code, lone.u.numerator, lone.answer.unproven]).toEqual([3, '1', [third.did]])
    const whole = await rate('west-fixed-now.csx.json', 'west-start-now.csx.json', ...editions)
    expect([whole.code, whole.answer.unproven]).toEqual([0, []])
  })

  test('[RATE-33] an edition that is not given leaves the number open: 3, with both bounds', async () => {
    const { code, u, answer } = await rate('correction.csx.json', 'first.csx.json')
    expect([code, u.state]).toEqual([3, 'undetermined'])
    expect(answer.assumptions).toMatchObject([{ code: 'edition-unknown' }])
    const { out } = await csx(['rate', 'correction.csx.json', 'first.csx.json', '--trust', 'trust.json'])
    expect(out).toContain('不可判定')
  })

  test('[RATE-32] people get a table in plain Chinese with the exact fraction', async () => {
    const { code, out } = await csx([
      'rate',
      'report.csx.json',
      'correction.csx.json',
      'south.csx.json',
      'south-q2.csx.json',
      ...editions,
      '--period',
      '2026-Q1',
      '--trust',
      'trust.json',
    ])
    expect(code).toBe(0)
    for (const words of [
      '2026年第1季度 标准综合运用率',
      '已报 2 家，3家应报',
      '合成丙',
      '合成甲',
      '61.11%',
      '已更正',
      '79/150（52.67%）',
      '领跑者',
    ])
      expect(out).toContain(words)
  })

  test('[RATE-32] another quarter, its difference, another set, and how many are to report', async () => {
    const files = ['south.csx.json', 'south-q2.csx.json', ...editions]
    const compared = await rate(...files, '--compare', '2026-Q1')
    expect(compared.answer).toMatchObject({ period: '2026-Q2' })
    expect(compared.answer.difference.figures.utilisation.change.shown).toBe('60.00%')
    const { out } = await csx(['rate', ...files, '--compare', '2026-Q1', '--trust', 'trust.json'])
    expect(out).toMatch(/合成乙 +40.00% +100.00% +\+60\.00\n/)
    for (const set of ['set.json', 'set.csx.json']) {
      const { answer, u } = await rate('correction.csx.json', ...editions, '--indicator', set)
      expect([answer.indicatorSet.code, u]).toMatchObject([
        'ui-heavy',
        { numerator: '31', denominator: '48' },
      ])
    }
    const many = await rate(...files, '--members', '68', '--period', '2026-Q1')
    expect(many.answer.reporting).toEqual({ reported: 1, expected: 68, missing: null })
  })

  test.each([
    [[]],
    [['south.csx.json', '--period', '2026']],
    [['south.csx.json', '--members', '0']],
    [['south.csx.json', '--node', 'http://localhost:1', '--period', '2026-Q1']],
    [['--node', 'http://localhost:1']],
  ])('[RATE-33] a command line that means nothing is a matter of usage: %j', async (args) => {
    expect((await rate(...args)).code).toBe(2)
  })
})
