import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticEvent, syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { encodeUtf8 } from '../../../protocol/bytes.ts'
import { digestOf } from '../../../protocol/hash.ts'
import { formatRecordId, parseBaseUrl } from '../../../protocol/identifier/name.ts'
import type { JsonObject } from '../../../protocol/json-value.ts'
import { signerFromSeed } from '../../../protocol/key.ts'
import { openCheckpoint } from '../../../protocol/log/checkpoint.ts'
import { verifierKeyOf } from '../../../protocol/log/note.ts'
import { signRecord } from '../../../protocol/proof/sign.ts'
import { composeRecord } from '../../../protocol/record/compose.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { Receipt, TestNode } from '../../support/node.ts'
import { expectProblem } from '../../support/node-request.ts'

let network: Network
let node: TestNode
let offset = 0
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）', '眉山（合成）'])
  node = await network.start(0, { now: () => Date.now() + offset })
})
afterAll(() => network.close())

const records = '/api/v1/records'
const batches = '/api/v1/batches'
/** A number that no other test of this file uses. */
let next = 1
const draft = (extra: Readonly<Record<string, unknown>> = {}) => ({ ...syntheticStandard(next++), ...extra })
const sizeOf = async () => (await node.logOf(node.member))?.size ?? -1

async function accepted(response: Response): Promise<Receipt> {
  const text = await response.text()
  expect([response.status, text.slice(0, 500)]).toEqual([201, expect.any(String)])
  return JSON.parse(text) as Receipt
}

describe('a record', () => {
  test('[DUR-15] while the clock of the node is in doubt a publication is to be sent again, and is no fault of the request', async () => {
    await accepted(await node.post(records, draft()))
    try {
      for (const [leap, code] of [
        [-3_600_000, 'CLOCK_WENT_BACK'],
        [3_600_000, 'TIME_IN_FUTURE'],
      ] as const) {
        offset = leap
        const refused = await node.post(records, draft())
        expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
        await expectProblem(refused, code, { status: 503 })
      }
    } finally {
      offset = 0
    }
    await accepted(await node.post(records, draft()))
  })

  test('[NODE-10] the receipt comes after entry and signed checkpoint, and both can be fetched', async () => {
    const response = await node.post(records, draft())
    const location = response.headers.get('location')
    const receipt = await accepted(response)
    const { origin, log } = node.member
    const { checkpoint } = openCheckpoint(receipt.checkpoint, {
      origin,
      keys: [verifierKeyOf(origin, log.publicKey)],
    })
    expect(checkpoint.size).toBe(receipt.index + 1)
    expect(await (await node.fetch('/log/1/checkpoint')).text()).toBe(receipt.checkpoint)
    expect(location).toBe(`/records/${receipt.digest}`)
    const record = await node.fetch(location ?? '')
    const bytes = new Uint8Array(await record.arrayBuffer())
    expect([record.status, digestOf(bytes)]).toEqual([200, receipt.digest])
    expect(receipt.entry).toEqual({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      digest: receipt.digest,
      id: receipt.id,
      index: receipt.index,
      log: origin,
      tier: 'public',
      type: 'StandardRecord',
      v: 1,
    })
  })

  test('[NODE-10] with wait=visible the read model has it when the answer comes', async () => {
    const receipt = await accepted(await node.post(`${records}?wait=visible`, draft()))
    expect((await node.fetch(`/api/v1/standards/${receipt.digest}`)).status).toBe(200)
    await expectProblem(await node.post(`${records}?wait=long`, draft()), 'QUERY_INVALID', {
      pointer: '/wait',
    })
  })

  test('[NODE-10] indices are dense and in the order of the answers, however many ask at once', async () => {
    const before = await sizeOf()
    const all = await Promise.all(
      Array.from({ length: 30 }, async () => accepted(await node.post(records, draft()))),
    )
    expect(all.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, i) => before + i),
    )
    expect(await sizeOf()).toBe(before + 30)
    const after = await accepted(await node.post(records, draft()))
    expect(after.index).toBe(before + 30)
  })

  test('[NODE-10] an edition whose id no reader could store is refused at the door', async () => {
    const before = await sizeOf()
    const { id, digest } = await accepted(await node.post(records, draft()))
    const event = syntheticEvent({ id, digest }, 'abolished', '2026-01-01')
    const text = JSON.stringify(event).replace('https://', 'https://\\u0000')
    await expectProblem(await node.post(records, text), 'SCHEMA_INVALID', {
      pointer: '/credentialSubject/edition/id',
    })
    expect(await sizeOf()).toBe(before + 1)
  })
})

describe('an Idempotency-Key', () => {
  test('[NODE-13] the same body gets the same receipt, and nothing is logged twice', async () => {
    const body = JSON.stringify(draft())
    const first = await accepted(await node.post(records, body, { 'idempotency-key': 'again' }))
    const size = await sizeOf()
    const second = await accepted(await node.post(records, body, { 'idempotency-key': 'again' }))
    expect([second.id, second.digest, second.index, second.entry]).toEqual([
      first.id,
      first.digest,
      first.index,
      first.entry,
    ])
    expect(await sizeOf()).toBe(size)
  })

  test('[NODE-13] another body conflicts, by one byte also', async () => {
    const body = JSON.stringify(draft())
    await accepted(await node.post(records, body, { 'idempotency-key': 'once' }))
    for (const other of [JSON.stringify(draft()), `${body} `])
      await expectProblem(
        await node.post(records, other, { 'idempotency-key': 'once' }),
        'IDEMPOTENCY_CONFLICT',
        { status: 409 },
      )
  })

  test('[NODE-13] many at once with one key are one publication', async () => {
    const body = JSON.stringify(draft())
    const size = await sizeOf()
    const answers = await Promise.all(
      Array.from({ length: 12 }, async () =>
        accepted(await node.post(records, body, { 'idempotency-key': 'flock' })),
      ),
    )
    expect(new Set(answers.map(({ digest, index }) => `${index} ${digest}`)).size).toBe(1)
    expect(await sizeOf()).toBe(size + 1)
  })

  test('[NODE-13] many bodies at once with one key: one is published, the others conflict', async () => {
    const size = await sizeOf()
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => node.post(records, draft(), { 'idempotency-key': 'crowd' })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409, 409, 409])
    expect(await sizeOf()).toBe(size + 1)
  })

  test('[NODE-13] a refused request uses its key up for nothing', async () => {
    const headers = { 'idempotency-key': 'mended' }
    await expectProblem(await node.post(records, '{"type":1}', headers), 'SCHEMA_INVALID')
    await accepted(await node.post(records, draft(), headers))
  })

  test.each(['', ' ', 'x'.repeat(256), 'a b', 'ü'])('[NODE-13] the key "%s" is refused', async (key) => {
    const response = await node.post(records, draft(), { 'idempotency-key': key }).catch(() => undefined)
    if (response) await expectProblem(response, 'QUERY_INVALID', { status: 400 })
    else expect(key).toBe('ü')
  })
})

describe('conflicts', () => {
  test('[NODE-12] a number stands once; a revision keeps it, and a second revision of one head conflicts', async () => {
    const first = draft()
    const { id, digest } = await accepted(await node.post(records, first))
    await expectProblem(await node.post(records, first), 'VERSION_CONFLICT', { status: 409 })
    const revision = { ...first, revisionOf: { id, digest } }
    const revised = await accepted(await node.post(records, revision))
    await expectProblem(await node.post(records, revision), 'VERSION_CONFLICT', { status: 409 })
    await accepted(
      await node.post(records, { ...first, revisionOf: { id: revised.id, digest: revised.digest } }),
    )
  })

  test('[NODE-12] of many revisions of one head at once exactly one gets in', async () => {
    const first = draft()
    const { id, digest } = await accepted(await node.post(records, first))
    const size = await sizeOf()
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        node.post(records, { ...first, about: [`${i}`], revisionOf: { id, digest } }),
      ),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    for (const answer of answers)
      if (answer.status !== 201) await expectProblem(answer, 'VERSION_CONFLICT', { status: 409 })
    expect(await sizeOf()).toBe(size + 1)
  })

  test('[NODE-12] of many records of one number at once exactly one gets in', async () => {
    const same = draft()
    const size = await sizeOf()
    const answers = await Promise.all(Array.from({ length: 8 }, () => node.post(records, same)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(7).fill(409)])
    expect(await sizeOf()).toBe(size + 1)
  })
})

describe('a batch', () => {
  test('[NODE-13] all get in at consecutive indices under one checkpoint', async () => {
    const before = await sizeOf()
    const response = await node.post(batches, { records: [draft(), draft(), draft()] })
    expect(response.status).toBe(201)
    const { receipts, checkpoint } = (await response.json()) as { receipts: Receipt[]; checkpoint: string }
    expect(receipts.map(({ index }) => index)).toEqual([before, before + 1, before + 2])
    expect(checkpoint.split('\n')[1]).toBe(String(before + 3))
  })

  test('[NODE-13] one bad record keeps all out, and is named by its pointer', async () => {
    const before = await sizeOf()
    const bad = { ...draft(), tier: 'secret' }
    const list = [draft(), draft(), draft(), bad, draft()]
    await expectProblem(await node.post(batches, { records: list }), 'SCHEMA_INVALID', {
      status: 422,
      pointer: '/records/3/tier',
    })
    const same = draft()
    await expectProblem(
      await node.post(batches, { records: [draft(), draft(), same, same] }),
      'VERSION_CONFLICT',
      {
        pointer: '/records/3',
      },
    )
    expect(await sizeOf()).toBe(before)
  })

  test('[NODE-13] a batch replays as a whole', async () => {
    const body = JSON.stringify({ records: [draft(), draft()] })
    const read = async () =>
      (
        (await (await node.post(batches, body, { 'idempotency-key': 'pair' })).json()) as {
          receipts: Receipt[]
        }
      ).receipts
    const first = await read()
    const size = await sizeOf()
    expect(await read()).toEqual(first)
    expect(await sizeOf()).toBe(size)
  })

  test.each([
    [{ records: [] }],
    [{ records: {} }],
    [{ records: null }],
    [{}],
    [[]],
    [{ records: [1], more: true }],
    [{ records: Array(1001).fill({}) }],
  ])('[NODE-13] what is no batch is refused', async (body) => {
    await expectProblem(await node.post(batches, body), 'SCHEMA_INVALID', { pointer: '/records' })
  })

  test('[NODE-13] a thousand records are one batch', async () => {
    const before = await sizeOf()
    const list = Array.from({ length: 1000 }, () => draft())
    const response = await node.post(`${batches}?wait=visible`, { records: list })
    expect(response.status).toBe(201)
    expect(((await response.json()) as { receipts: Receipt[] }).receipts).toHaveLength(1000)
    expect(await sizeOf()).toBe(before + 1000)
  })
})

describe('a ready-signed record', () => {
  let uuid = 0
  const stranger = signerFromSeed(new Uint8Array(32).fill(3))

  async function sign(
    options: {
      readonly signer?: TestNode['member']['publish']
      readonly issuer?: string
      readonly domain?: string
      readonly id?: string
    } = {},
  ): Promise<JsonObject> {
    const { did, origin, publish, base } = node.member
    uuid += 1
    const id =
      options.id ??
      formatRecordId(parseBaseUrl(base), `00000000-0000-4000-8000-${String(uuid).padStart(12, '0')}`)
    const issuer = options.issuer ?? did
    const document = composeRecord(syntheticStandard(next++), { id, issuer })
    return signRecord(document, {
      signer: options.signer ?? publish,
      issuer,
      domain: options.domain ?? origin,
      created: '2026-06-01T00:00:00Z',
    })
  }

  test('[NODE-11] one by the own key is logged as it was signed', async () => {
    const document = await sign()
    const receipt = await accepted(await node.post(records, document, { 'content-type': 'application/vc' }))
    expect(receipt.id).toBe(document.id)
    const served = (await (await node.fetch(`/records/${receipt.digest}`)).json()) as JsonObject
    expect(served).toEqual(document)
  })

  test('[NODE-11] the same again, or another with its id, is DUPLICATE_ID', async () => {
    const document = await sign()
    await accepted(await node.post(records, document))
    await expectProblem(await node.post(records, document), 'DUPLICATE_ID', { status: 409 })
    await expectProblem(await node.post(records, await sign({ id: String(document.id) })), 'DUPLICATE_ID')
  })

  test('[NODE-11] foreign keys, foreign issuers, other logs and altered bytes stay out', async () => {
    const before = await sizeOf()
    const other = network.members[1]!
    const cases = [
      [await sign({ signer: stranger }), 'KEY_NOT_FOUND'],
      [await sign({ signer: other.publish }), 'KEY_CONTROLLER_MISMATCH'],
      [await sign({ signer: node.member.log }), 'PURPOSE_MISMATCH'],
      [await sign({ issuer: other.did, signer: other.publish }), 'ISSUER_MISMATCH'],
      [
        await sign({
          id: `${other.base.replace('http:', 'https:')}/id/00000000-0000-4000-8000-0000000000aa`,
        }),
        'ISSUER_MISMATCH',
      ],
      [await sign({ domain: other.origin }), 'LOG_ORIGIN_MISMATCH'],
      [{ ...(await sign()), about: ['added'] }, 'SIGNATURE_INVALID'],
      [{ ...(await sign()), proof: {} }, 'SCHEMA_INVALID'],
      [{ ...(await sign()), proof: [] }, 'SCHEMA_INVALID'],
      [{ ...(await sign()), '@context': ['https://www.w3.org/ns/credentials/v2'] }, 'CONTEXT_NOT_ALLOWED'],
    ] as const
    for (const [document, code] of cases) {
      const response = await node.post(records, document)
      expect(response.status).toBe(422)
      const { code: found } = (await response.json()) as { code: string }
      // Without a registry entry a key of purpose `log` is not known as a record key at all.
      expect(code === 'PURPOSE_MISMATCH' ? ['PURPOSE_MISMATCH', 'KEY_NOT_FOUND'] : [code]).toContain(found)
    }
    expect(await sizeOf()).toBe(before)
  })

  test('[NODE-11] it is logged in canonical form, however it was written', async () => {
    const document = await sign()
    const text = JSON.stringify(document, null, 2)
    const receipt = await accepted(await node.post(records, text))
    const bytes = new Uint8Array(await (await node.fetch(`/records/${receipt.digest}`)).arrayBuffer())
    expect(digestOf(bytes)).toBe(receipt.digest)
    expect(bytes.length).toBeLessThan(encodeUtf8(text).length)
  })
})

describe('what the log of the node says', () => {
  test('[NODE-14] no publication met an error that nobody foresaw', () => {
    expect(node.lines.filter((line) => line.includes('unforeseen'))).toEqual([])
  })
})
