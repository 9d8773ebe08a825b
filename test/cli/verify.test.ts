import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { csx, folder, lastLine, linesOf, put } from './csx.ts'

const member = syntheticMember('合成甲', 'http://localhost:7401')
const log = new SyntheticLog(member)
for (let n = 0; n < 5; n += 1) await log.publish(syntheticStandard(n))
const text = await log.bundle(1)
const good = put('good.csx.json', text)
const trust = put('synthetic.json', JSON.stringify(syntheticRegistry([member])))
const record = put('record.json', log.logged[1]!.bytes)
const altered = put('altered.csx.json', text.replace('"level":"provincial"', '"level":"municipal"'))
const missing = join(folder, 'nosuch.json')

describe('exits', () => {
  test.each<[string, readonly string[], number]>([
    ['0: verified', [good], 0],
    ['1: proven bad', [altered], 1],
    ['3: undecided', [record], 3],
    ['4: a file that cannot be opened', [missing], 4],
    ['4: a directory', [folder], 4],
    ['0: all of several', [good, good], 0],
    ['3 before 0', [good, record], 3],
    ['4 before 3', [good, record, missing], 4],
    ['1 before 4', [missing, record, altered, good], 1],
  ])('[VERIFY-16] %s', async (_name, files, code) => {
    expect((await csx(['verify', ...files, '--trust', trust])).code).toBe(code)
  })

  test.each<[string, readonly string[]]>([
    ['no file', ['verify']],
    ['an unknown option', ['verify', good, '--verbose']],
    ['a time that is none', ['verify', good, '--at', 'yesterday']],
    ['a date that does not exist', ['verify', good, '--at', '2026-02-30']],
    ['a duration that is none', ['verify', good, '--fresh-within', '1 day']],
    ['standard input twice', ['verify', '-', '-']],
    ['an address that is no https', ['verify', 'http://example.org/x']],
    ['no command', []],
    ['an unknown command', ['judge', good]],
    ['an unknown option', ['verify', good, '--quick']],
    ['an option that is needed', ['compare', 'a', 'b']],
    ['an argument that is needed', ['compare', '--node', 'https://example.org']],
    ['an argument too many', ['trust', 'init', 'a', 'b', 'c', 'd']],
  ])('[VERIFY-16] 2: usage, with nothing checked and nothing on standard output: %s', async (_name, args) => {
    const { code, out, err } = await csx(args)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).not.toBe('')
    if (args.length > 0) expect(err).toMatch(/^✗ USAGE_INVALID {2}命令用法有误.* → .*csx --help/)
  })

  test('[VERIFY-16] help is no failure', async () => {
    const { code, out } = await csx(['verify', '--help'])
    expect(code).toBe(0)
    expect(out).toContain('--fresh-within')
  })
})

describe('--json', () => {
  test('[VERIFY-17] one object a line for each file, and nothing else', async () => {
    const { out, err } = await csx(['verify', good, altered, record, missing, '--json', '--trust', trust])
    const results = linesOf(out)
    expect(err).toBe('')
    expect(results.map(({ file, verdict }) => [file, verdict])).toEqual([
      [good, 'verified'],
      [altered, 'rejected'],
      [record, 'undecided'],
      [missing, 'error'],
    ])
    for (const result of results) {
      expect(Object.keys(result)).toEqual(['file', 'verdict', 'checks', 'asOf'])
      for (const line of result.checks) {
        expect(['passed', 'failed', 'unknown']).toContain(line.outcome)
        expect(line.detail).toMatch(/ \/ /)
        expect(
          Object.keys(line).filter((key) => !['check', 'outcome', 'code', 'detail'].includes(key)),
        ).toEqual([])
      }
    }
    expect(results[0].asOf).toMatchObject({ origin: member.origin, size: 5 })
    expect(results[1].checks.map(({ code }: any) => code)).toContain('DIGEST_MISMATCH')
    expect(results[3].asOf).toBeNull()
  })
})

describe('what a file may be', () => {
  test.each<[string, string | Uint8Array, number, string]>([
    ['nothing', '', 1, 'JSON_MALFORMED'],
    ['no JSON', 'hello', 1, 'JSON_MALFORMED'],
    ['no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 1, 'TEXT_INVALID_UNICODE'],
    ['with a byte order mark', `\ufeff${text}`, 1, 'JSON_MALFORMED'],
    ['other JSON', '{"a":1}', 1, 'BUNDLE_MALFORMED'],
    ['a number', '7', 1, 'BUNDLE_MALFORMED'],
    ['a member twice', '{"a":1,"a":2}', 1, 'JSON_DUPLICATE_KEY'],
    ['a bundle in another spelling', JSON.stringify(JSON.parse(text), null, 2), 1, 'BUNDLE_MALFORMED'],
    ['a bundle cut off', text.slice(0, 700), 1, 'BUNDLE_MALFORMED'],
    ['a trust file', JSON.stringify(syntheticRegistry([member])), 1, 'BUNDLE_MALFORMED'],
    [
      'a record that lost its proof',
      '{"@context":["https://www.w3.org/ns/credentials/v2","https://w3id.org/chuanyu-standards/v1"]}',
      1,
      'PROOF_MISSING',
    ],
    [
      'a record with the line feed of an editor',
      `${Buffer.from(log.logged[1]!.bytes).toString()}\n`,
      3,
      'INCLUSION_MISSING',
    ],
  ])('[VERIFY-18] %s', async (_name, contents, code, problem) => {
    const ended = await csx(['verify', '-', '--json', '--trust', trust], { input: contents })
    const [result] = linesOf(ended.out)
    expect(ended.code).toBe(code)
    expect(result.file).toBe('-')
    expect(result.checks.map((line: any) => line.code)).toContain(problem)
  })
})

describe('the root of trust', () => {
  test('[VERIFY-19] comes from --trust, else from CSX_TRUST, else from trust.json here; without one it is undecided', async () => {
    const here = join(folder, 'with-trust')
    mkdirSync(here)
    put('with-trust/trust.json', JSON.stringify(syntheticRegistry([member])))
    expect((await csx(['verify', good])).code).toBe(3)
    expect((await csx(['verify', good], { env: { CSX_TRUST: trust } })).code).toBe(0)
    expect((await csx(['verify', good], { cwd: here })).code).toBe(0)
    const other = put(
      'other.json',
      JSON.stringify(syntheticRegistry([syntheticMember('合成乙', 'http://localhost:7402')])),
    )
    const ended = await csx(['verify', good, '--trust', other, '--json'], {
      cwd: here,
      env: { CSX_TRUST: trust },
    })
    expect(ended.code).toBe(3)
    expect(linesOf(ended.out)[0].checks.map((line: any) => line.code)).toContain('NOT_A_MEMBER')
  })

  test('[VERIFY-19] a trust file that cannot be used leaves all undecided, but does not save what is proven bad', async () => {
    for (const [name, contents] of [
      ['broken.json', '{'],
      ['empty.json', '{}'],
    ] as const) {
      const file = put(name, contents)
      const [undecided, bad] = [
        await csx(['verify', good, '--trust', file, '--json']),
        await csx(['verify', altered, '--trust', file]),
      ]
      expect(undecided.code).toBe(3)
      expect(linesOf(undecided.out)[0].checks.find((line: any) => line.check === 'trust')).toMatchObject({
        outcome: 'unknown',
      })
      expect(bad.code).toBe(1)
    }
    expect((await csx(['verify', good, '--trust', missing])).code).toBe(3)
  })

  test('[VERIFY-19] its fingerprint is printed', async () => {
    const { out } = await csx(['verify', good, '--trust', trust])
    const shown = await csx(['trust', 'show', trust])
    const fingerprint = /sha256:[0-9a-f]{64}/.exec(shown.out)?.[0] ?? 'none'
    expect(out.split('\n').at(-4)).toContain(fingerprint)
  })
})

describe('times', () => {
  test('[VERIFY-21] --at takes a moment, or the end of a day in Shanghai', async () => {
    for (const [time, at] of [
      ['2026-06-01', '2026-06-01T15:59:59.999Z'],
      ['2026-06-01T08:00:00+08:00', '2026-06-01T00:00:00.000Z'],
      ['2026-06-01T08:00:00.5Z', '2026-06-01T08:00:00.500Z'],
    ]) {
      const { out } = await csx(['verify', good, '--trust', trust, '--at', time!, '--json'])
      expect(linesOf(out)[0].asOf.at).toBe(at)
    }
  })

  test('[VERIFY-21] --fresh-within exits 3 when it cannot tell', async () => {
    expect((await csx(['verify', good, '--trust', trust, '--fresh-within', '90s'])).code).toBe(3)
    expect((await csx(['verify', good, '--trust', trust, '--fresh-within', '99999d'])).code).toBe(0)
    for (const duration of ['15m', '24h'])
      expect((await csx(['verify', good, '--trust', trust, '--fresh-within', duration])).code).toBe(3)
  })
})

describe('hostile files', () => {
  const pad = (size: number, head: string, fill: string) =>
    head + fill.repeat(Math.ceil((size - head.length) / fill.length))
  test.each<[string, () => string | Uint8Array, number, string]>([
    ['more than 64 MiB', () => Buffer.alloc((64 << 20) + 1, 0x20), 4, 'SIZE_LIMIT'],
    ['60 MB of brackets', () => pad(60e6, '', '['), 1, 'BUNDLE_MALFORMED'],
    ['brackets a million deep', () => pad(1e6, '', '['), 1, 'JSON_TOO_DEEP'],
    ['60 MB of numbers', () => `${pad(60e6, '[0', ',0')}]`, 1, 'BUNDLE_MALFORMED'],
    ['60 MB that begin as a record', () => pad(60e6, '{"@context":["', 'x'), 4, 'SIZE_LIMIT'],
    [
      '60 MB that begin as a bundle',
      () => pad(60e6, '{"contains":"public","digest":"', 'x'),
      1,
      'BUNDLE_MALFORMED',
    ],
    [
      '30 MB of values in a bundle',
      () => text.replace('"entries":[', `"entries":[${'0,'.repeat(15e6)}`),
      4,
      'SIZE_LIMIT',
    ],
    ['a long number', () => `{"a":1${'0'.repeat(900_000)}}`, 1, 'NUMBER_UNSAFE'],
    ['a million escapes', () => `{"@context":"${'\\u0041'.repeat(150_000)}"}`, 1, 'JSON_MALFORMED'],
    [
      'a name for every prototype',
      () => '{"__proto__":{"format":"csx-bundle"},"constructor":1}',
      1,
      'BUNDLE_MALFORMED',
    ],
    ['zeros', () => Buffer.alloc(5_000_000), 1, 'BUNDLE_MALFORMED'],
  ])('[VERIFY-22] %s: refused in 2 s, with one verdict and no stack', async (_name, make, code, problem) => {
    const file = put('hostile', make())
    const preload = put(
      'cpu.mjs',
      `process.on('exit', () => { const { userCPUTime, systemCPUTime } = process.resourceUsage(); process.stderr.write('cpu ' + (userCPUTime + systemCPUTime) / 1e6) })`,
    )
    const ended = await csx(['verify', file, '--json', '--trust', trust], { preload })
    expect(linesOf(ended.out)[0].checks.map((line: any) => line.code)).toContain(problem)
    expect(ended.code).toBe(code)
    expect(ended.err).toMatch(/^cpu [\d.]+$/)
    expect(Number(ended.err.slice(4))).toBeLessThan(2)
  })

  test('[VERIFY-22] standard input is read no further than the limit', async () => {
    const ended = await csx(['verify', '-', '--json'], { input: Buffer.alloc((64 << 20) + 70_000, 0x20) })
    expect(ended.code).toBe(4)
    expect(linesOf(ended.out)[0].verdict).toBe('error')
  })

  test('[VERIFY-22] a fault of the program is one line and exit 4', async () => {
    for (const [args, method] of [
      [['verify', good, '--trust', trust], 'toSorted'],
      [['inspect', good], 'flatMap'],
      [['trust', 'show', trust], 'at'],
    ] as const) {
      const preload = put(
        'break.mjs',
        `Array.prototype.${method} = () => { throw new RangeError('planted\\u202e') }`,
      )
      const { code, out, err } = await csx(args, { preload })
      expect(code).toBe(4)
      expect(out + err).toContain('INTERNAL')
      expect(out + err).toContain('planted\\u{202e}')
      expect(out + err).not.toMatch(/^\s+at /m)
    }
  })
})

describe('what is printed', () => {
  test('[VERIFY-23] one line a finding with its mark, code and remedy; the log and time; the verdict last', async () => {
    const { out } = await csx(['verify', good, '--trust', trust])
    expect(out).toContain(`as of checkpoint 5 of ${member.origin}, time 2026-01-05T01:00:04.000Z`)
    expect(lastLine(out)).toBe('结论 / verdict: ✓ 已核实 / verified')
    const bad = await csx(['verify', altered, record, '--trust', trust])
    expect(bad.out).toMatch(/^✗ 格式 form DIGEST_MISMATCH {2}.+ {2}→ .+$/m)
    expect(bad.out).toMatch(/^\? 入志证明 inclusion INCLUSION_MISSING .+→ .+$/m)
    expect(lastLine(bad.out)).toBe('结论 / verdict: ? 不可判定 / undecided')
  })

  test('[VERIFY-23] control and bidi characters from outside never reach the terminal, nor the JSON', async () => {
    const wicked = put('wicked.json', JSON.stringify({ '@context': 'x', '\u001b[2J\u202egood\u0007': 1 }))
    const name = put('a\u001b[31m\u202e.json', '{}')
    for (const args of [
      ['verify', wicked, name],
      ['verify', wicked, name, '--json'],
      ['verify', '--at', '\u001b]0;x\u0007', good],
      ['inspect', wicked],
      ['verify', good, '--\u202e'],
    ]) {
      const { out, err } = await csx(args)
      expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }
    const { out } = await csx(['verify', name, '--json'])
    expect(linesOf(out)[0].file).toBe(name)
  })
})

describe('the network', () => {
  test('[VERIFY-20] is not touched unless an address is given', async () => {
    const preload = put(
      'offline.mjs',
      `import net from 'node:net'; import dns from 'node:dns'
       const refuse = () => { process.stderr.write('NETWORK'); process.exit(99) }
       net.Socket.prototype.connect = refuse; dns.lookup = refuse; globalThis.fetch = refuse`,
    )
    const ended = await csx(['verify', good, '--trust', trust], { preload })
    expect(ended.err).toBe('')
    expect(ended.code).toBe(0)
    expect((await csx(['verify', 'https://localhost:9/x'], { preload })).code).toBe(99)
  })
})

describe('inspect', () => {
  test('says what is inside, without judging', async () => {
    const checkpoint = put('checkpoint', await log.checkpoint())
    const proof = put('proof', JSON.parse(text).proofs[0].proof)
    const entry = put('entry', log.logged[0]!.entry)
    for (const [file, words] of [
      [good, ['证据包 / bundle', log.logged[1]!.id, '规模 / size 5', '记录 / records: 4']],
      [altered, ['actually']],
      [record, ['StandardRecord', 'DB50/T 990001', member.did]],
      [checkpoint, [member.origin, 'size 5']],
      [proof, ['inclusion proof', member.origin]],
      [entry, ['tier: public']],
      [trust, ['fingerprint', '合成甲']],
    ] as const) {
      const { code, out } = await csx(['inspect', file])
      expect(code).toBe(0)
      for (const word of words) expect(out).toContain(word)
      expect(lastLine(out)).toContain('csx verify')
    }
    expect((await csx(['inspect', '-'], { input: '{"a":1}' })).code).toBe(1)
    expect((await csx(['inspect', missing])).code).toBe(4)
  })
})
