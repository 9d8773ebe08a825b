import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticRegistry } from '../../fixtures/synthetic/member.ts'
import { syntheticEvent, syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { sha256Hex } from '../../protocol/hash.ts'
import { signCheckpoint } from '../../protocol/log/checkpoint.ts'
import { csx, folder, lastLine, linesOf, put } from './csx.ts'
import { beginningOf, publishMany, startNode, type TestNode } from './node.ts'

let node: TestNode
let trust: string
let whole: SyntheticLog
let directory: string
let runs = 0

beforeAll(async () => {
  node = await startNode()
  trust = put('copy-trust.json', node.trustText)
  whole = node.log
  await publishMany(whole, 520)
})
beforeEach(() => {
  runs += 1
  directory = join(folder, `stick-${runs}`)
  node.requests.length = 0
})
afterEach(() => {
  node.instead.clear()
  node.log = whole
})
afterAll(() => node.close())

const copy = (...more: readonly string[]) => csx(['copy', node.url, directory, '--trust', trust, ...more])

/** Every file of the copy, with what it holds. */
function files(): ReadonlyMap<string, string> {
  if (!existsSync(directory)) return new Map()
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(names.map((name) => [name.slice(directory.length + 1), readFileSync(name, 'latin1')]))
}

/** What the node answers, page after page. */
async function served(path: string): Promise<string> {
  const pages: string[] = []
  for (let query = ''; ; ) {
    const response = await fetch(`${node.url}/log/1/${path}${query}`)
    expect([path, response.status]).toEqual([path, 200])
    pages.push(Buffer.from(await response.arrayBuffer()).toString('latin1'))
    const line = pages.at(-1)?.split('\n').at(-2)
    const last = /^\{"index":(\d+),/.exec(line ?? '')?.[1]
    if (!path.startsWith('records/') || last === undefined || (Number(last) + 1) % 256 === 0) break
    if (Number(last) + 1 === node.log.logged.length) break
    query = `?from=${Number(last) + 1}`
  }
  return pages.join('')
}

/** The copy is what the node serves, file by file, and whole. */
async function expectWhole(amount: number): Promise<void> {
  const copied = files()
  for (const [path, contents] of copied)
    expect([path, contents === (await served(path))]).toEqual([path, true])
  expect(copied.get('checkpoint')?.split('\n')[1]).toBe(String(amount))
  const bundles = Array.from({ length: Math.ceil(amount / 256) }, (_, i) => {
    const width = Math.min(256, amount - i * 256)
    return `${String(i).padStart(3, '0')}${width === 256 ? '' : `.p/${width}`}`
  })
  const top = amount < 256 ? [] : [`tile/1/000.p/${Math.floor(amount / 256)}`]
  expect([...copied.keys()].toSorted()).toEqual(
    [
      'checkpoint',
      ...top,
      ...bundles.flatMap((name) => [`tile/0/${name}`, `tile/entries/${name}`, `records/${name}`]),
    ].toSorted(),
  )
}

const taken = () => node.requests.splice(0).map((request) => request.replace('GET /log/1/', ''))

describe('csx copy', () => {
  test('[VERIFY-27] the directory is what the node serves, and tells what it rests on', async () => {
    const { code, out } = await copy()
    expect(code).toBe(0)
    expect(out).toContain('520 records verified, 0 faulty, 0 unavailable')
    expect(out).toContain(`as of checkpoint 520 of ${node.member.origin}`)
    expect(lastLine(out)).toBe('结论 / verdict: ✓ 已核实 / verified')
    await expectWhole(520)
  })

  test('[VERIFY-27] through every width of the last bundle', async () => {
    for (const amount of [1, 255, 256, 257, 512]) {
      node.log = beginningOf(whole, amount)
      expect([amount, (await copy()).code]).toEqual([amount, 0])
      await expectWhole(amount)
    }
  })

  test('[VERIFY-27] what is there is not fetched again, tiles never are, and partial files of the old tree go', async () => {
    node.log = beginningOf(whole, 300)
    expect((await copy()).code).toBe(0)
    expect(taken().filter((path) => !path.includes('?'))).toEqual([
      'checkpoint',
      'tile/1/000.p/1',
      'tile/0/001.p/44',
      'tile/entries/000',
      'records/000',
      'tile/entries/001.p/44',
      'records/001.p/44',
    ])
    await expectWhole(300)
    taken()
    expect((await copy()).code).toBe(0)
    expect(taken()).toEqual(['checkpoint'])
    node.log = whole
    const { code, out } = await copy('--json')
    expect(code).toBe(0)
    expect(taken().filter((path) => /entries|records\/[^?]*$/.test(path))).toEqual([
      'tile/entries/001',
      'records/001',
      'tile/entries/002.p/8',
      'records/002.p/8',
    ])
    expect(linesOf(out)).toEqual([
      {
        url: `${node.url}/log/1`,
        directory,
        verdict: 'verified',
        origin: node.member.origin,
        size: 520,
        root: expect.any(String),
        before: 300,
        verified: 520,
        withheld: 0,
        faulty: 0,
        missing: 0,
        faults: [],
        fetched: 4,
        reused: 2,
      },
    ])
    await expectWhole(520)
  })

  test('[VERIFY-27] files that were damaged where they lie are mended', async () => {
    await copy()
    const spoil = (path: string, change: (bytes: Buffer) => Buffer) =>
      writeFileSync(join(directory, path), change(readFileSync(join(directory, path))))
    for (const [path, change] of [
      [
        'tile/entries/000',
        (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('"index":7', '"index":8'), 'latin1'),
      ],
      ['tile/entries/001', (bytes: Buffer) => bytes.subarray(0, 100)],
      ['tile/0/001', (bytes: Buffer) => Buffer.alloc(bytes.length)],
      ['tile/0/002.p/8', (bytes: Buffer) => Buffer.alloc(bytes.length)],
      ['tile/1/000.p/2', () => Buffer.alloc(0)],
      ['records/000', (bytes: Buffer) => Buffer.from(bytes.toString().replace('会议', '会谈'))],
      [
        'records/001',
        (bytes: Buffer) => Buffer.from(bytes.toString().replace('"index":256,', '"index":257,')),
      ],
      ['records/002.p/8', (bytes: Buffer) => bytes.subarray(0, -50)],
    ] as const) {
      spoil(path, change)
      expect([path, (await copy()).code]).toEqual([path, 0])
      await expectWhole(520)
    }
  })

  test('[VERIFY-28] a run that breaks off leaves the old copy whole, and the next goes on', async () => {
    node.log = beginningOf(whole, 250)
    await copy()
    const old = files()
    node.log = whole
    node.instead.set('/log/1/records/002.p/8', (_request, response) => response.socket?.destroy())
    expect((await copy()).code).toBe(3)
    for (const [path, contents] of old) expect([path, files().get(path) === contents]).toEqual([path, true])
    expect([...files().keys()].filter((name) => name.endsWith('.tmp'))).toEqual([])
    node.instead.clear()
    taken()
    expect((await copy()).code).toBe(0)
    expect(taken().filter((path) => /entries|records/.test(path))).toEqual(['records/002.p/8'])
    await expectWhole(520)
  })

  test('[VERIFY-28] a log that contradicts the copy that lies there is refused, and nothing is written', async () => {
    node.log = beginningOf(whole, 20)
    await copy()
    const before = files()
    const fork = async (size: number) => {
      const other = beginningOf(whole, 12)
      const { id, digest } = other.logged[0]!
      await other.publish(syntheticEvent({ id, digest }, 'abolished', '2026-01-01'))
      while (other.logged.length < size) await other.publish(syntheticStandard(other.logged.length))
      return other
    }
    for (const [log, problem] of [
      [beginningOf(whole, 15), 'LOG_ROLLBACK'],
      [await fork(20), 'LOG_EQUIVOCATION'],
      [await fork(33), 'LOG_EQUIVOCATION'],
    ] as const) {
      node.log = log
      const { code, out } = await copy('--json')
      expect([code, linesOf(out)[0]]).toMatchObject([1, { verdict: 'rejected', code: problem }])
      expect(files()).toEqual(before)
    }
  })

  test('[VERIFY-28] entries that do not give the root get no checkpoint over them', async () => {
    node.instead.set('/log/1/tile/entries/001', async (_request, response) => {
      response.end((await served('tile/entries/000')).replace('"index":7', '"index":8'))
    })
    const { code, out } = await copy()
    expect([code, out.includes('LEAF_MISMATCH')]).toEqual([1, true])
    expect(files().has('checkpoint')).toBe(false)
    expect(files().has('tile/entries/001')).toBe(false)
    node.instead.clear()
    node.instead.set('/log/1/tile/1/000.p/2', (_request, response) => response.end(Buffer.alloc(64)))
    rmSync(directory, { recursive: true })
    const tiles = await copy()
    expect([tiles.code, tiles.out.includes('LEAF_MISMATCH'), files().size]).toEqual([1, true, 0])
  })

  test('[VERIFY-28] a node that serves other entries than it signed spoils no file of the copy that lies there', async () => {
    node.log = beginningOf(whole, 300)
    await copy()
    const before = files()
    node.log = whole
    for (const name of ['000', '001', '002.p/8'])
      node.instead.set(`/log/1/tile/entries/${name}`, (_request, response) =>
        response.end('nothing of the kind'),
      )
    writeFileSync(join(directory, 'tile/entries/000'), 'damaged')
    expect((await copy()).code).toBe(3)
    for (const [path, contents] of before)
      if (path !== 'tile/entries/000') expect([path, files().get(path) === contents]).toEqual([path, true])
    node.instead.clear()
    expect((await copy()).code).toBe(0)
    await expectWhole(520)
  })

  test('[VERIFY-28] a directory of another log, or with something else in it, is left alone', async () => {
    mkdirSync(directory)
    const other = await startNode()
    await publishMany(other.log, 2)
    for (const [contents, problem] of [
      [await other.log.checkpoint(), 'LOG_ORIGIN_MISMATCH'],
      ['my notes', 'NOTE_MALFORMED'],
      [(await whole.checkpoint()).replace('\n520\n', '\n519\n'), 'CHECKPOINT_SIGNATURE_INVALID'],
    ] as const) {
      writeFileSync(join(directory, 'checkpoint'), contents)
      const { code, out } = await copy()
      expect([code, out.includes(problem)]).toEqual([1, true])
      expect([...files()]).toEqual([['checkpoint', Buffer.from(contents).toString('latin1')]])
    }
    await other.close()
  })

  test('[VERIFY-28] nothing is written through a link, wherever it leads', async () => {
    node.log = beginningOf(whole, 3)
    const outside = `${directory}-outside`
    mkdirSync(outside)
    for (const link of ['tile', 'records', 'tile/0']) {
      rmSync(directory, { recursive: true, force: true })
      mkdirSync(join(directory, link, '..'), { recursive: true })
      symlinkSync(outside, join(directory, link))
      const { code, out } = await copy()
      expect([link, code, out.includes('FILE_UNSAFE')]).toEqual([link, 1, true])
      expect(readdirSync(outside)).toEqual([])
    }
    rmSync(directory, { recursive: true })
    mkdirSync(directory)
    writeFileSync(join(outside, 'file'), 'untouched')
    symlinkSync(join(outside, 'file'), join(directory, 'checkpoint'))
    expect((await copy()).code).toBe(0)
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('untouched')
    await expectWhole(3)
  })

  test('[VERIFY-29] a faulty record is named and copied like any other, and one that is missing is asked for again', async () => {
    node.log = beginningOf(whole, 3)
    const changed: any = structuredClone(whole.logged[3]!.document)
    changed.credentialSubject.titleZh = '另一标题'
    node.log.append(changed, 'StandardRecord')
    const faulty = await copy('--json')
    expect([faulty.code, linesOf(faulty.out)[0]]).toMatchObject([
      1,
      { verdict: 'rejected', faulty: 1, faults: [{ index: 3, code: 'SIGNATURE_INVALID' }] },
    ])
    await expectWhole(4)
    rmSync(directory, { recursive: true })
    node.log = beginningOf(whole, 3)
    const page = await served('records/000.p/3')
    const lines = page.split('\n')
    node.instead.set('/log/1/records/000.p/3', (_request, response) =>
      response.end(Buffer.from(`${lines[0]}\n${lines[2]}\n`, 'latin1')),
    )
    const missing = await copy()
    expect([missing.code, missing.out.includes('RECORD_UNAVAILABLE')]).toEqual([3, true])
    expect(files().get('checkpoint')).toBe(await served('checkpoint'))
    node.instead.clear()
    expect((await copy()).code).toBe(0)
    await expectWhole(3)
  })

  test('[VERIFY-29] exits: usage 2, undecided without trust or node 3, a bad signature 1, and nothing is written', async () => {
    const stranger = syntheticRegistry([syntheticMember('合成乙', 'http://localhost:1')])
    const other = put('copy-other.json', JSON.stringify(stranger))
    const run = async (...args: readonly string[]) => (await csx(['copy', ...args])).code
    expect(await run(node.url)).toBe(2)
    expect(await run('http://example.org', directory, '--trust', trust)).toBe(2)
    expect(await run(node.url, directory)).toBe(3)
    expect(await run(node.url, directory, '--trust', other)).toBe(3)
    expect(await run('http://localhost:1', directory, '--trust', other)).toBe(3)
    const note = await whole.checkpoint()
    node.instead.set('/log/1/checkpoint', (_request, response) =>
      response.end(note.replace('\n520\n', '\n519\n')),
    )
    expect((await copy()).code).toBe(1)
    expect(files().size).toBe(0)
    writeFileSync(`${directory}-file`, 'x')
    node.instead.clear()
    expect(await run(node.url, `${directory}-file`, '--trust', trust)).toBe(2)
  })

  test('[VERIFY-29] a signed size that no copy can have is a limit, and nothing is written', async () => {
    const { origin, log } = node.member
    for (const size of [2 ** 30 + 1, Number.MAX_SAFE_INTEGER]) {
      const note = await signCheckpoint({ origin, size, root: new Uint8Array(32) }, origin, log)
      node.instead.set('/log/1/checkpoint', (_request, response) => response.end(note))
      const { code, out } = await copy('--json')
      expect([code, linesOf(out)[0].code], `${size}`).toEqual([4, 'SIZE_LIMIT'])
      expect(files().size).toBe(0)
    }
  })

  test('[VERIFY-29] a node that holds the log for another, and is behind the copy, is no rollback', async () => {
    node.log = beginningOf(whole, 20)
    await copy()
    const before = files()
    const path = `/mirror/${sha256Hex(node.member.origin)}`
    const older = await beginningOf(whole, 15).checkpoint()
    node.instead.set(`${path}/checkpoint`, (_request, response) => response.end(older))
    const { code, out } = await csx(['copy', `${node.url}${path}`, directory, '--trust', trust])
    expect([code, out.includes('CURSOR_AHEAD')]).toEqual([3, true])
    expect(files()).toEqual(before)
  })

  test('[VERIFY-29] it says how far it is when it takes longer than a second', async () => {
    node.instead.set('/log/1/tile/entries/001', (_request, response) => {
      setTimeout(async () => {
        node.instead.clear()
        response.end(Buffer.from(await served('tile/entries/001'), 'latin1'))
      }, 1_500)
    })
    const { code, err } = await copy()
    expect([code, err.includes('copying the log')]).toEqual([0, true])
  })
})
