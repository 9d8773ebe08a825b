import { describe, expect, test } from 'vitest'
import type * as z from 'zod'
import {
  type Agreement,
  interconnectionAgreement,
  recognitionAgreement,
  reuseAgreement,
} from '../../../protocol/record/agreement.ts'
import { grounds, manners, revisionRules } from '../../../protocol/record/agreement-word.ts'
import { effects } from '../../../protocol/record/mapping-word.ts'
import { matters } from '../../../protocol/record/vocabulary.ts'
import { describeAgreement } from '../../../protocol/standing/statement-text.ts'

const sha = (digit: string) => `sha256:${digit.repeat(64)}`
const record = (n: number) => `https://bishan.example/id/00000000-0000-4000-8000-00000000000${n}`
const [west, east] = ['did:web:bishan.example', 'did:web:meishan.example']

const terms = {
  v: 1,
  id: 'urn:uuid:00000000-0000-4000-8000-0000000000a1',
  nonce: '5a'.repeat(32),
  project: 'bishan-meishan',
  parties: [{ id: west }, { id: east }],
  basis: { number: '合成发〔2026〕1号', digest: sha('4') },
  acceptBy: '2026-02-27',
  effectiveFrom: '2026-03-01',
  validUntil: '2027-02-26',
  onRevision: 'grace',
  graceDays: 37,
  noticeDays: 61,
  supersedes: { id: 'urn:uuid:00000000-0000-4000-8000-0000000000a0', digest: sha('a') },
}

/** Between them every member that an agreement may have, and every form of it. */
const samples = {
  recognition: [
    {
      ...terms,
      kind: 'recognition',
      scope: {
        editions: [
          { id: record(1), digest: sha('1') },
          { id: record(2), digest: sha('2') },
        ],
        clauses: [`${record(1)}#c1`, `${record(2)}#c2`],
        matters: ['property', 'canteen'],
        divisions: ['500120', '511400'],
      },
      mapping: { digest: sha('3') },
      effects: [
        { row: 'r1', from: 0, to: 1, effect: 'direct' },
        { row: 'r2', from: 1, to: 0, effect: 'conditional', conditions: ['合成条件甲', '合成条件乙'] },
        { row: 'r3', from: 0, to: 1, effect: 'one-way' },
        { row: 'r4', from: 1, to: 0, effect: 'refused' },
      ],
    },
    {
      ...terms,
      kind: 'recognition',
      scope: { editions: [{ id: record(1), digest: sha('1') }] },
      mapping: { commitment: `m1:${'b'.repeat(64)}` },
      effects: [{ row: 'r1', from: 0, to: 1, effect: 'direct' }],
      onRevision: 'lapse',
      graceDays: 0,
    },
  ],
  interconnection: [
    {
      ...terms,
      kind: 'interconnection',
      scope: {
        interface: { id: record(1), digest: sha('1') },
        schema: sha('5'),
        suite: { id: 'synthetic-interface', version: '1.7', digest: sha('6') },
        endpoints: [{ url: 'https://bishan.example/api' }, { sample: sha('7') }],
        environment: '合成测试环境',
      },
      results: [sha('8'), sha('9')],
    },
  ],
  reuse: [
    {
      ...terms,
      kind: 'reuse',
      scope: {
        reuser: 1,
        edition: { id: record(1), digest: sha('1') },
        clauses: ['c1', 'c7'],
        manner: 'clause-citation',
        target: { documentNo: '合成办〔2026〕7号', titleZh: '合成细则', digest: sha('c') },
        matters: ['meetings'],
        ground: { recognition: { id: 'urn:uuid:00000000-0000-4000-8000-0000000000b1', digest: sha('d') } },
      },
      disposalDays: 43,
      evidence: [{ documentNo: '合成会议纪要〔2026〕3号' }, { digest: sha('e') }],
    },
    {
      ...terms,
      kind: 'reuse',
      scope: {
        reuser: 0,
        edition: { id: record(1), digest: sha('1') },
        manner: 'training',
        target: { documentNo: '合成办〔2026〕8号' },
        ground: { statute: 'own-region' },
      },
      disposalDays: 47,
    },
  ],
}

const schemas = {
  recognition: recognitionAgreement,
  interconnection: interconnectionAgreement,
  reuse: reuseAgreement,
}

type Kind = keyof typeof schemas

const names = {
  party: (did: string) => (did === west ? '璧山（合成）' : '眉山（合成）'),
  edition: (id: string) => id,
  row: () => undefined,
}

const textOf = (agreement: unknown) => describeAgreement(agreement as Agreement, sha('f'), names).join('\n')

/** The paths of what a schema may have; of lists one item. */
function pathsOfSchema(schema: any, path = ''): readonly string[] {
  const def = (schema as z.ZodType).def as any
  switch (def.type) {
    case 'optional':
      return pathsOfSchema(def.innerType, path)
    case 'object':
      return Object.entries(def.shape).flatMap(([name, one]) => pathsOfSchema(one, `${path}/${name}`))
    case 'array':
      return pathsOfSchema(def.element, `${path}/*`)
    case 'tuple':
      return def.items.flatMap((one: any) => pathsOfSchema(one, `${path}/*`))
    case 'union':
      return def.options.flatMap((one: any) => pathsOfSchema(one, path))
    default:
      return [path]
  }
}

function leavesOf(value: unknown, path = ''): readonly (readonly [string, string | number])[] {
  if (Array.isArray(value)) return value.flatMap((one) => leavesOf(one, `${path}/*`))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, one]) => leavesOf(one, `${path}/${name}`))
  return [[path, value as string | number]]
}

const words: Readonly<Record<string, (value: any, agreement: any) => string>> = {
  '/v': (value) => `第${value}版`,
  '/kind': (value) => ({ recognition: '互认', interconnection: '互通', reuse: '互用' })[value as Kind],
  '/onRevision': (value: keyof typeof revisionRules) => revisionRules[value].zh,
  '/graceDays': (value) => (value === 0 ? '当日失效' : `宽限${value}日`),
  '/noticeDays': (value) => `通知${value}日`,
  '/disposalDays': (value) => `${value}日`,
  '/validUntil': (value) => `至${value}前一日止`,
  '/scope/matters/*': (value: keyof typeof matters) => matters[value].zh,
  '/effects/*/effect': (value: keyof typeof effects) => effects[value].zh,
  '/effects/*/from': (value, agreement) => names.party(agreement.parties[value].id),
  '/effects/*/to': (value, agreement) => names.party(agreement.parties[value].id),
  '/scope/reuser': (value, agreement) => `使用方：${names.party(agreement.parties[value].id)}`,
  '/scope/manner': (value: keyof typeof manners) => manners[value].zh,
  '/scope/ground/statute': (value: keyof typeof grounds) => grounds[value].zh,
}

describe('the statement that is signed', () => {
  test.each(Object.keys(schemas) as Kind[])('[AGREE-100] every member of a %s is in its text', (kind) => {
    for (const sample of samples[kind]) {
      expect(schemas[kind].parse(sample)).toEqual(sample)
      const text = textOf(sample)
      for (const [path, value] of leavesOf(sample)) {
        const word = words[path]?.(value, sample) ?? String(value)
        expect([path, text.includes(word) ? word : text]).toEqual([path, word])
      }
    }
    const shown = new Set(samples[kind].flatMap((sample) => leavesOf(sample).map(([path]) => path)))
    expect([...new Set(pathsOfSchema(schemas[kind]))].filter((path) => !shown.has(path))).toEqual([])
  })

  test('[AGREE-100] whatever differs between two agreements differs in their texts', () => {
    const [one] = samples.interconnection
    if (!one) throw new Error('no sample')
    const [mine, theirs] = one.scope.endpoints
    for (const other of [
      { ...one, results: [...one.results].reverse() },
      { ...one, scope: { ...one.scope, endpoints: [theirs, mine] } },
    ])
      expect(textOf(other)).not.toBe(textOf(one))
    const [reuse] = samples.reuse
    const { clauses: _, ...whole } = (reuse as any).scope
    expect(textOf({ ...reuse, scope: whole })).toContain('所用条款：全部')
  })

  test('[AGREE-25] each kind says that the review of a pinned edition ends it', () => {
    for (const [sample] of Object.values(samples)) {
      expect(textOf(sample)).toContain('最先到期的复审之日')
      expect(textOf(sample)).toContain('2027-03-01起不再有效')
    }
  })

  test('[AGREE-100] everything that ends it is said, as its kind has it', () => {
    const [recognition, lapsing] = samples.recognition.map(textOf)
    const [interconnection] = samples.interconnection.map(textOf)
    const [reuse, byLaw] = samples.reuse.map(textOf)
    for (const text of [recognition, interconnection, reuse]) {
      expect(text).toContain('依据文件废止或被代替')
      expect(text).toContain('废止或被代替的，宽限37日后失效')
      expect(text).toContain('双方另签声明代替本声明')
    }
    expect(recognition).toContain('所涉各行宽限37日后失效')
    expect(lapsing).toContain('所涉各行当日失效')
    expect(interconnection).toContain('接口标准有修改单、被部分代替，或其记录修订的，宽限37日后失效')
    expect(interconnection).not.toMatch(/[逐各]行/)
    expect(reuse).toContain('所用条款被修改')
    expect(reuse).toContain('其后43日内处置')
    expect(reuse).toContain('互认因一方撤回而终止的，此前已开始的使用不受影响')
    expect(byLaw).toContain('所用标准被修改')
    expect(reuse).not.toContain('各行均失效')
  })
})
