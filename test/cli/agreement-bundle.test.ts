import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { syntheticAct } from '../../fixtures/synthetic/agreement.ts'
import {
  project,
  type RecognitionWorld,
  recognitionBundle,
  sawProposal,
  say,
  startRecognition,
  syntheticConsent,
  witnessedNote,
} from '../../fixtures/synthetic/recognition.ts'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { decodeUtf8 } from '../../protocol/bytes.ts'
import { digestOf, sha256Hex } from '../../protocol/hash.ts'
import { parseHead } from '../../protocol/log/checkpoint.ts'
import { parseEntry } from '../../protocol/log/entry.ts'
import { formatEntryBundle } from '../../protocol/log/tile.ts'
import { agreementDigest } from '../../protocol/record/agreement-rule.ts'
import {
  base,
  bundle,
  file,
  folder,
  plainTrust,
  run,
  Served,
  strictTrust,
  useFolder,
} from './agreement-node.ts'

useFolder()

describe('csx bundle recognition', () => {
  let world: RecognitionWorld
  let served: Served
  beforeAll(async () => {
    world = await syntheticConsent()
  })
  beforeEach(() => {
    served = new Served(world)
  })

  test('[AGREE-47] gathers what the logs give by themselves, and verifies it', async () => {
    const { exit, err } = await bundle(served, '-o', file, '--trust', plainTrust)
    expect([exit, err.split('\n').at(-2)]).toEqual([0, expect.stringContaining('verified')])
    const [gathered, whole] = [readFileSync(file, 'utf8'), await recognitionBundle(world)]
    const comparable = (text: string) => {
      const { records, digest: _digest, ...rest } = JSON.parse(text)
      return { ...rest, records: new Set(records.map((record: unknown) => JSON.stringify(record))) }
    }
    expect(comparable(gathered)).toEqual(comparable(whole))
    const printed = await bundle(served)
    expect([printed.exit, decodeUtf8(printed.out)]).toEqual([0, gathered])
  })

  test('[AGREE-46] csx verify says for each log and condition what it is, for the day that is asked', async () => {
    await bundle(served, '-o', file)
    const ask = (...flags: string[]) =>
      run(['verify', file, '--trust', plainTrust, '--json', ...flags], served.fetch, '2026-12-01T04:00:00Z')
    const { exit, out } = await ask('--at', '2026-06-01')
    const { checks, asOf } = JSON.parse(decodeUtf8(out))
    expect(exit).toBe(0)
    const said = checks.map(({ detail }: any) => detail.slice(0, 2))
    for (const condition of ['E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'E7']) expect(said).toContain(condition)
    expect(checks.filter(({ check }: any) => check === 'range')).toHaveLength(3)
    expect(asOf.logs.map(({ origin }: any) => origin).sort()).toEqual(
      [world.west, world.east, world.bureau].map(({ member }) => member.origin).sort(),
    )
    expect((await ask('--at', '2026-02-28')).exit).toBe(1)
    expect((await ask('--at', '2027-03-01')).exit).toBe(1)
  })

  test('[VERIFY-17] whatever did not pass has a code, also what could not run', async () => {
    await bundle(served, '-o', file)
    const checksOf = async (trust: string, ...flags: string[]) => {
      const { out } = await run(
        ['verify', file, '--trust', trust, '--json', ...flags],
        served.fetch,
        '2026-12-01T04:00:00Z',
      )
      return JSON.parse(decodeUtf8(out)).checks as { check: string; outcome: string; code?: string }[]
    }
    const other = `sha256:${'0'.repeat(64)}`
    const found = new Map([
      ['expired', await checksOf(plainTrust, '--at', '2027-03-01')],
      ['upcoming', await checksOf(plainTrust, '--at', '2026-02-28')],
      ['stranger', await checksOf(other)],
    ])
    for (const [name, checks] of found)
      for (const { check, outcome, code } of checks)
        expect([name, check, (outcome !== 'passed') === (code !== undefined)]).toEqual([name, check, true])
    const validityOf = (name: string) => found.get(name)?.find(({ check }) => check === 'validity')?.code
    expect([validityOf('expired'), validityOf('upcoming')]).toEqual(['EXPIRED', 'NOT_YET_VALID'])
    expect(found.get('stranger')).toContainEqual(
      expect.objectContaining({ check: 'standing', outcome: 'unknown' }),
    )
  })

  test('csx inspect says what is inside, and judges nothing', async () => {
    await bundle(served, '-o', file)
    const { exit, out } = await run(['inspect', file], served.fetch)
    const text = decodeUtf8(out)
    expect(exit).toBe(0)
    for (const part of [world.agreement.id, world.east.member.origin, digestOf(world.set), '0–1'])
      expect(text).toContain(part)
  })

  test('[AGREE-47] from where the node says, with the left edge', async () => {
    const [west, east] = [world.west, world.east].map(({ member }) => member.origin)
    const logs = (served.answer.logs as any[]).map((log) => ({
      ...log,
      from: log.origin === west ? 1 : log.origin === east ? 1 : 0,
    }))
    served.answer = { ...served.answer, logs }
    // The edition itself is then not in it.
    expect((await bundle(served, '-o', file, '--trust', plainTrust)).exit).toBe(3)
    const { logs: held } = JSON.parse(readFileSync(file, 'utf8'))
    expect(held.map(({ from, left }: any) => [from, left.length]).sort()).toEqual([
      [0, 0],
      [1, 1],
      [1, 1],
    ])
  })

  test('[AGREE-47] a node that leaves a log out is not believed', async () => {
    served.answer = { ...served.answer, logs: (served.answer.logs as any[]).slice(0, 2) }
    expect((await bundle(served, '-o', file, '--trust', plainTrust)).exit).toBe(3)
  })

  test('[AGREE-47] what does not hang together is not written', async () => {
    const { west, east } = world
    const path = `/mirror/${sha256Hex(east.member.origin)}`
    const digest = digestOf(world.set)
    const cases: [string, () => string | Uint8Array | undefined, number, string][] = [
      [`/blobs/${digest}`, () => `${world.set}#`, 1, 'DIGEST_MISMATCH'],
      [
        `${path}/tile/entries/000.p/2`,
        () => formatEntryBundle([east.logged[1]!.entry, east.logged[0]!.entry]),
        1,
        'RANGE_INVALID',
      ],
      [`${path}/records/000.p/2`, () => '', 3, 'RECORD_UNAVAILABLE'],
      [`${path}/checkpoint`, () => `${west.member.origin}\n2\n${'A'.repeat(43)}=\n\n— a b\n`, 1, ''],
    ]
    for (const [place, body, exit, code] of cases) {
      const faulty = new Served(world)
      faulty.instead.set(place, body)
      const target = join(folder, 'never.json')
      const ended = await bundle(faulty, '-o', target)
      expect([place, ended.exit, ended.err]).toEqual([place, exit, expect.stringContaining(code)])
      expect(() => readFileSync(target)).toThrow()
    }
    served.instead.set(`/blobs/${digest}`, () => undefined)
    const ended = await bundle(served, '-o', file, '--trust', plainTrust)
    expect([ended.exit, ended.err.includes('MAPPING_MISSING'), ended.err.includes(digest)]).toEqual([
      3,
      true,
      true,
    ])
  })

  test.each([
    ['another agreement', { agreement: 'urn:uuid:00000000-0000-4000-8000-0000000000ff' }],
    ['readers that nobody knows', { contains: 'friends' }],
    ['no logs', { logs: [] }],
    ['a log elsewhere', { logs: [{ origin: 'x', from: 0, path: '//evil.example/log' }] }],
    ['a log from nowhere', { logs: [{ origin: 'x', from: -1, path: '/log/1' }] }],
    ['a file that is none', { files: ['sha256:00'] }],
    ['a note that is none', { logs: [{ origin: 'x', from: 0, path: '/log/1', notes: ['x'] }] }],
    ['notes that are no list', { logs: [{ origin: 'x', from: 0, path: '/log/1', notes: 'x' }] }],
    ['a salt that is none', { mappingSalt: 'ff' }],
    ['a digest that is none', { digest: 7 }],
  ])('[AGREE-47] an answer with %s is refused', async (_, change) => {
    served.answer = { ...served.answer, ...change }
    const { exit, err } = await bundle(served)
    expect([exit, err]).toEqual([expect.any(Number), expect.stringContaining('PAGE_MALFORMED')])
    expect(exit).not.toBe(0)
  })

  test('[AGREE-47] the kind, the id and the version are what was asked for', async () => {
    const { id } = world.agreement
    for (const args of [
      ['recognition'],
      ['recognition', 'hello'],
      [digestOf('x'), id],
      ['reuse', id],
      ['recognition', id, '--digest', 'x'],
      [digestOf('x'), '--digest', digestOf('x')],
      ['recognition', id, id],
    ])
      expect([args, (await run(['bundle', ...args, '--node', base], served.fetch)).exit]).toEqual([args, 2])
    const digest = agreementDigest(world.agreement)
    expect((await bundle(served, '--digest', digest)).exit).toBe(0)
    expect(served.requests).toContain(
      `/api/v1/agreements/${encodeURIComponent(id)}/evidence?digest=${digest}`,
    )
    expect((await bundle(served, '--digest', digestOf('another'))).err).toContain('PAGE_MALFORMED')
    served.instead.set(`/api/v1/agreements/${encodeURIComponent(id)}/evidence`, () => undefined)
    expect((await bundle(served)).err).toContain('NOT_FOUND')
  })

  test('[AGREE-47] [WIT-61] the notes that say since when are asked for once each', async () => {
    const { west, east, bureau } = world
    for (const log of [west, east, bureau])
      served.kept.set(
        log.member.origin,
        await Promise.all([
          witnessedNote(log, '2026-01-20T02:00:00Z', 1),
          ...(log === bureau
            ? []
            : [witnessedNote(log, log === west ? '2026-02-02T03:00:00Z' : '2026-02-11T03:00:00Z')]),
        ]),
      )
    const { exit } = await bundle(served, '-o', file, '--trust', strictTrust)
    expect(exit).toBe(0)
    const { logs } = JSON.parse(readFileSync(file, 'utf8'))
    const sizes = new Map<string, number[]>(
      logs.map(({ origin, notes }: any) => [origin, notes.map((note: string) => parseHead(note).size)]),
    )
    expect([west, east].map(({ member }) => sizes.get(member.origin))).toEqual([
      [1, 2],
      [1, 2],
    ])
    const asked = served.requests.filter((path) => path.includes('after='))
    expect(new Set(asked).size).toBe(asked.length)
    served.instead.set('/log/1/witnessed?after=0', () => served.kept.get(east.member.origin)?.[0])
    expect((await bundle(served)).err).toContain('PAGE_MALFORMED')
  })

  test('[AGREE-47] a note that is asked for covers all it is over, and none is asked for after the last', async () => {
    served.kept.set(world.west.member.origin, [await witnessedNote(world.west, '2026-02-02T03:00:00Z')])
    await bundle(served, '-o', file)
    expect(served.requests.filter((path) => path.includes('after='))).toEqual([
      '/log/1/witnessed?after=0',
      `/mirror/${sha256Hex(world.east.member.origin)}/witnessed?after=0`,
    ])
  })
})

describe('an agreement that is not public', () => {
  test('[AGREE-47] is put into a file with --disclose alone, opened for its readers', async () => {
    const world = await startRecognition()
    const { west, east, agreement } = world
    await say(west, syntheticAct({ act: 'propose', agreement, tier: 'pair' }))
    await east.publish(syntheticStandard(77))
    await say(east, syntheticAct({ act: 'accept', agreement, tier: 'pair', seen: await sawProposal(world) }))
    const served = new Served(world, { contains: 'pair', audience: project })
    const closed = await bundle(served, '-o', file)
    expect([closed.exit, closed.err]).toEqual([2, expect.stringContaining('--disclose')])
    const { exit, err } = await bundle(served, '-o', file, '--disclose', '--trust', plainTrust)
    expect([exit, err.match(/^! .*not public/gm)?.length]).toEqual([expect.any(Number), 2])
    const { logs, contains } = JSON.parse(readFileSync(file, 'utf8'))
    const opened = logs.flatMap(({ origin, openings = [] }: any) =>
      openings.map((one: any) => [origin, one.index]),
    )
    expect([contains, new Set(opened.map(String))]).toEqual([
      'pair',
      new Set([`${west.member.origin},1`, `${east.member.origin},2`]),
    ])
    expect(parseEntry(east.logged[2]!.entry)).toMatchObject({ tier: 'pair', audience: project })
    served.opens = false
    const refused = await bundle(served, '-o', join(folder, 'never.json'), '--disclose')
    expect([refused.exit, refused.err]).toEqual([3, expect.stringContaining('RECORD_UNAVAILABLE')])
  })
})
