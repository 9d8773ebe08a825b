import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as requestOver } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../fixtures/synthetic/standard.ts'
import { createNetwork, type Network } from '../support/network.ts'
import type { TestNode } from '../support/node.ts'

const file = (name: string) => fileURLToPath(new URL(`../../fixtures/keys/tls/${name}`, import.meta.url))
let directory: string
let network: Network
let settings: Record<string, string>

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'csx-tls-'))
  for (const name of ['localhost.pem', 'localhost.key.pem', 'other.key.pem']) {
    await copyFile(file(name), join(directory, name))
    await chmod(join(directory, name), 0o600)
  }
  settings = {
    CSX_TLS_CERT_FILE: join(directory, 'localhost.pem'),
    CSX_TLS_KEY_FILE: join(directory, 'localhost.key.pem'),
    CSX_CA_FILE: file('ca.pem'),
  }
  network = await createNetwork(['合成甲', '合成乙'], { scheme: 'https' })
})

afterEach(async () => {
  await network.close()
  await rm(directory, { recursive: true, force: true })
})

/** As a client who knows the authority, or does not. */
function ask(
  { url }: TestNode,
  path: string,
  { headers = {}, body, ca }: any = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const request = requestOver(`${url}${path}`, { method, headers, ca, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    request.on('error', reject).end(body)
  })
}

const ca = await import('node:fs/promises').then(({ readFile }) => readFile(file('ca.pem'), 'utf8'))

describe('a node that speaks TLS itself', () => {
  test('[NODE-22] a connection that never greets is closed in time', { timeout: 60_000 }, async () => {
    const node = await network.start(0, { settings })
    const begun = performance.now()
    const socket = connectPlain(Number(new URL(node.url).port), 'localhost')
    await new Promise((resolve) => socket.on('error', () => {}).on('close', resolve))
    expect(performance.now() - begun).toBeLessThan(25_000)
  })

  test('[NODE-32] [NODE-33] is known by the authority of the network, and two such nodes follow each other', async () => {
    const [one, two] = [await network.start(0, { settings }), await network.start(1, { settings })]
    expect(await ask(one, '/healthz', { ca })).toEqual({ status: 200, text: 'ok\n' })
    await expect(ask(one, '/healthz')).rejects.toThrow(/certificate/)
    const headers = { authorization: `Bearer ${one.token}`, 'content-type': 'application/json' }
    const published = await ask(one, '/api/v1/records', {
      ca,
      headers,
      body: JSON.stringify(syntheticStandard(1)),
    })
    expect(published.status).toBe(201)
    const held = async () =>
      JSON.parse((await ask(two, '/api/v1/logs', { ca })).text).logs.find(
        ({ origin }: any) => origin === one.member.origin,
      )?.held
    await expect.poll(held, { timeout: 20_000 }).toBe(1)
  })

  test('[NODE-33] a follower that does not know the authority says so, and takes nothing', async () => {
    const one = await network.start(0, { settings })
    const { CSX_CA_FILE: _, ...without } = settings
    const two = await network.start(1, { settings: without })
    await expect
      .poll(() => two.lines.some((line) => line.includes('TLS_FAILED')), { timeout: 20_000 })
      .toBe(true)
    expect(one.url).toMatch(/^https:/)
  })

  test('[NODE-32] a renewed certificate is shown to the next caller, without a restart', async () => {
    const one = await network.start(0, { settings })
    const port = Number(new URL(one.url).port)
    const shown = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({ port, host: 'localhost', ca }, () => {
          resolve(socket.getPeerCertificate().serialNumber)
          socket.destroy()
        }).on('error', reject)
      })
    const before = await shown()
    await copyFile(file('renewed.pem'), join(directory, 'localhost.pem'))
    await expect.poll(shown, { timeout: 10_000 }).not.toBe(before)
  })

  test('[NODE-32] plain HTTP gets no answer on that port', async () => {
    const one = await network.start(0, { settings })
    await expect(fetch(one.url.replace('https:', 'http:'))).rejects.toThrow()
  })

  test('[NODE-32] nothing older than TLS 1.2 is spoken', async () => {
    const one = await network.start(0, { settings })
    const port = Number(new URL(one.url).port)
    const spoken = await new Promise<string>((resolve) => {
      const socket = connect({ port, host: 'localhost', ca, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })
      socket.on('secureConnect', () => resolve('spoken')).on('error', () => resolve('refused'))
    })
    expect(spoken).toBe('refused')
  })

  test.each<[string, () => Promise<Record<string, string>>, string]>([
    ['one file without the other', async () => ({ CSX_TLS_KEY_FILE: '' }), 'CSX_TLS_KEY_FILE'],
    [
      'a key of another certificate',
      async () => ({ CSX_TLS_KEY_FILE: join(directory, 'other.key.pem') }),
      'is not the key',
    ],
    [
      'a certificate that is not there',
      async () => ({ CSX_TLS_CERT_FILE: join(directory, 'none.pem') }),
      'cannot be read',
    ],
    [
      'no certificate',
      async () => {
        await writeFile(join(directory, 'text.pem'), 'hello')
        return { CSX_TLS_CERT_FILE: join(directory, 'text.pem') }
      },
      'is not a certificate',
    ],
    ['the certificate of another host', async () => ({ CSX_TLS_CERT_FILE: file('ca.pem') }), 'CSX_TLS'],
    [
      'authorities that are none',
      async () => ({ CSX_CA_FILE: join(directory, 'localhost.key.pem') }),
      'CSX_CA_FILE',
    ],
  ])('[NODE-32] %s keeps it from starting, with a remedy', async (_, change, told) => {
    const start = network.start(0, { settings: { ...settings, ...(await change()) } })
    await expect(start).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(told),
    })
  })

  test('[NODE-32] a key that others can read keeps it from starting', async () => {
    await chmod(join(directory, 'localhost.key.pem'), 0o644)
    await expect(network.start(0, { settings })).rejects.toMatchObject({ code: 'KEY_PERMISSIONS' })
  })
})
