import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getFile, sampleFile, standardWith } from '../support/blob.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'
import { csx, put } from './csx.ts'

let network: Network
let node: TestNode
let token: string
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）'])
  node = await network.start(0, { settings: { CSX_BLOB_MEBIBYTES: '1' } })
  token = join(node.directory, 'operator.token')
})
afterAll(() => network.close())

const attach = (file: string, url = node.url) => csx(['attach', file, '--node', url, '--token-file', token])

describe('csx attach', () => {
  test('[NODE-800] hands a file in, prints its digest, and a record that names it opens it', async () => {
    const { bytes, digest } = sampleFile(50_000)
    const file = put('评估细则.pdf', bytes)
    for (let times = 0; times < 2; times += 1) {
      const { code, out } = await attach(file)
      expect([code, out.split('\n')[1]]).toEqual([0, `摘要 / digest: ${digest}`])
    }
    const piped = await csx(['attach', '-', '--node', node.url, '--token-file', token], { input: bytes })
    expect(piped.out).toContain(digest)
    expect((await getFile(node, digest)).status).toBe(404)
    await node.publish(standardWith(1, 'public', [{ digest }]))
    expect((await getFile(node, digest)).status).toBe(200)
  })

  test('[NODE-800] says why it could not', async () => {
    const large = await attach(put('large.bin', new Uint8Array((1 << 20) + 1)))
    expect([large.code, large.err]).toEqual([1, expect.stringContaining('BODY_TOO_LARGE')])
    expect((await attach(join(node.directory, 'none'))).code).not.toBe(0)
    expect((await csx(['attach', put('x', 'x'), '--node', node.url])).code).toBe(2)
    const other = createServer((request, response) => {
      request.resume()
      request.on('end', () => response.writeHead(201).end(`{"digest":"sha256:${'0'.repeat(64)}","size":1}`))
    })
    await new Promise<void>((ready) => other.listen(0, 'localhost', ready))
    const lied = await attach(put('x', 'x'), `http://localhost:${(other.address() as AddressInfo).port}`)
    other.close()
    expect([lied.code, lied.err]).toEqual([1, expect.stringContaining('DIGEST_MISMATCH')])
  })
})
