import { describe, expect, test } from 'vitest'
import { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { formatEvidence } from '../../protocol/evidence.ts'
import { csx, lastLine, linesOf, put } from './csx.ts'

const member = syntheticMember('合成甲', 'http://localhost:7401')
const stranger = syntheticMember('合成乙', 'http://localhost:7402')

async function noteOver(...numbers: readonly number[]): Promise<string> {
  const log = new SyntheticLog(member)
  for (const n of numbers) await log.publish(syntheticStandard(n))
  return log.checkpoint()
}

const text = formatEvidence({
  origin: member.origin,
  notes: [await noteOver(1, 2), await noteOver(1, 3)],
})
const evidence = put('fork.evidence.json', text)
const trust = put('evidence-trust.json', JSON.stringify(syntheticRegistry([member])))
const other = put('other-trust.json', JSON.stringify(syntheticRegistry([stranger])))

describe('evidence as a file', () => {
  test('[EVID-8] csx verify ends with 0 when the accusation is proven, 1 when it is not, 3 when it cannot tell', async () => {
    const proven = await csx(['verify', evidence, '--trust', trust])
    expect([proven.code, lastLine(proven.out)]).toEqual([0, '结论 / verdict: ✓ 已核实 / verified'])
    expect(proven.out).toContain('the key of this log signed two histories')
    for (const [contents, code] of [
      [text.replace(/"digest":"sha256:./, '"digest":"sha256:g'), 'SCHEMA_INVALID'],
      [text.replace('\\n2\\n', '\\n3\\n'), 'EVIDENCE_MALFORMED'],
      [`${JSON.stringify(JSON.parse(text), null, 1)}\n`, 'EVIDENCE_MALFORMED'],
    ] as const) {
      const broken = await csx(['verify', '-', '--trust', trust], { input: contents })
      expect([broken.code, broken.out.includes(code)]).toEqual([1, true])
    }
    expect((await csx(['verify', evidence])).code).toBe(3)
    const [result] = linesOf((await csx(['verify', evidence, '--trust', other, '--json'])).out)
    expect([result.verdict, result.asOf]).toEqual(['undecided', null])
  })

  test('[EVID-8] csx inspect says what is inside and judges nothing', async () => {
    const { code, out } = await csx(['inspect', evidence])
    expect(code).toBe(0)
    expect(out).toContain('evidence of equivocation')
    expect(out.match(/规模 \/ size 2/g)).toHaveLength(2)
  })
})
