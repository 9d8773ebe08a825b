import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticStandard } from '../../../fixtures/synthetic/standard.ts'
import { createNetwork, type Network } from '../../support/network.ts'
import type { TestNode } from '../../support/node.ts'
import { rawRequest } from '../../support/node-request.ts'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly security?: readonly unknown[]
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>
  >
}
interface Document {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>
    readonly securitySchemes: object
  }
}

let network: Network
let node: TestNode
let api: Document
let digest: string
beforeAll(async () => {
  network = await createNetwork(['璧山（合成）'], { baseOf: () => '/jgj' })
  node = await network.start(0)
  digest = (await node.publish(syntheticStandard(1))).digest
  api = await node.get<Document>('/api/v1/openapi.json')
})
afterAll(() => network.close())

const operations = () =>
  Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

describe('the OpenAPI document', () => {
  test('[NODE-19] it is OpenAPI 3.1 and every reference in it leads somewhere', () => {
    expect(api.openapi).toMatch(/^3\.1\.\d+$/)
    expect([api.info.title, api.info.version]).toEqual([expect.any(String), expect.any(String)])
    const references = [...JSON.stringify(api).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, reference]) => reference,
    )
    expect(references.length).toBeGreaterThan(10)
    for (const reference of references) {
      const [, group, name] = /^#\/components\/(\w+)\/(\w+)$/.exec(reference ?? '') ?? []
      expect([group, Object.keys(api.components.schemas)]).toEqual([
        'schemas',
        expect.arrayContaining([name]),
      ])
    }
    // 3.0 spells these otherwise.
    expect(JSON.stringify(api)).not.toMatch(/"nullable"|"exclusiveMinimum":true/)
  })

  test('[NODE-19] operations have names of their own, answers, and their path parameters', () => {
    const names = operations().map(({ operation }) => operation.operationId)
    expect(new Set(names).size).toBe(names.length)
    for (const { path, operation } of operations()) {
      expect(Object.keys(operation.responses).some((status) => status.startsWith('2'))).toBe(true)
      const stated = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      expect(stated.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
      for (const [status, { content = {} }] of Object.entries(operation.responses))
        if (Number(status) >= 400) expect(Object.keys(content)).toEqual(['application/problem+json'])
    }
  })

  test('[NODE-19] what it describes is mounted, and what is mounted below it is described', async () => {
    const server = new URL(api.servers[0]?.url ?? '', `${node.url}/api/v1/openapi.json`).href.replace(
      /\/$/,
      '',
    )
    for (const { path, method, operation } of operations()) {
      const url = new URL(`${server}${path.replace('{digest}', digest)}`)
      const answer = await rawRequest(node.url, url.pathname, { method: method.toUpperCase() })
      // Nothing is held against anybody here, and no project is a stranger's; that these are mounted, test/federation/ shows.
      if (
        path !== '/evidence/{originHash}' &&
        !path.startsWith('/projects/{id}/mapping') &&
        !path.startsWith('/agreements/{id}')
      )
        expect([path, method, answer.status]).not.toEqual([path, method, 404])
      expect(answer.status).not.toBe(405)
      expect(Object.keys(operation.responses)).toContain(String(answer.status))
    }
    const described = operations()
      .map(({ path, method }) => `${method} ${path}`)
      .toSorted()
    expect(described).toEqual([
      'get /agreements',
      'get /agreements/{id}',
      'get /agreements/{id}/evidence',
      'get /blobs',
      'get /compare',
      'get /evidence/{originHash}',
      'get /logs',
      'get /projects',
      'get /projects/{id}/mapping',
      'get /projects/{id}/mapping/findings',
      'get /quarantine',
      'get /rate',
      'get /reader',
      'get /records',
      'get /records/{digest}',
      'get /registry/chain',
      'get /standards',
      'get /standards/{digest}',
      'get /suggest',
      'get /what-if',
      'post /agreements/acts',
      'post /agreements/draft',
      'post /agreements/statement',
      'post /batches',
      'post /blobs',
      'post /disclosures',
      'post /erasures',
      'post /imports',
      'post /projects/{id}/mapping/changes',
      'post /projects/{id}/mapping/import',
      'post /records',
    ])
  })

  test('[NODE-15] exactly what writes asks for the token', () => {
    expect(api.components.securitySchemes).toMatchObject({ operator: { type: 'http', scheme: 'bearer' } })
    for (const { method, operation } of operations())
      expect([operation.operationId, operation.security !== undefined]).toEqual([
        operation.operationId,
        method === 'post',
      ])
  })
})

describe('a base with a path', () => {
  test('[NODE-23] every resource lies below it, and none beside it', async () => {
    const { origin } = new URL(node.url)
    for (const path of [
      '/',
      '/healthz',
      '/readyz',
      '/metrics',
      '/log/1/checkpoint',
      '/log/1/tile/0/000.p/1',
      '/log/1/tile/entries/000.p/1',
      '/log/1/records/000.p/1',
      `/records/${digest}`,
      '/ns/v1',
      '/ns/v1/schema/StandardRecord',
      '/api/v1/logs',
      '/api/v1/openapi.json',
    ]) {
      expect([path, (await node.fetch(path)).status]).toEqual([path, 200])
      expect([path, (await fetch(`${origin}${path}`)).status]).toEqual([path, 404])
    }
  })

  test('[NODE-23] the DID document lies where did:web says, and names the keys of the member', async () => {
    const response = await node.fetch('/did.json')
    expect(response.status).toBe(200)
    expect(node.member.did).toMatch(/^did:web:localhost%3A\d+:jgj$/)
    expect(await response.json()).toMatchObject({ id: node.member.did })
    expect((await fetch(`${new URL(node.url).origin}/.well-known/did.json`)).status).toBe(404)
  })

  test('[NODE-23] Location can be followed from where it was received', async () => {
    const response = await node.post('/api/v1/records', syntheticStandard(2))
    const location = response.headers.get('location') ?? ''
    expect(location).toMatch(/^\/jgj\/records\/sha256:/)
    expect((await fetch(new URL(location, response.url))).status).toBe(200)
  })

  test.each(['/tile', '/records', '/api', '/mirror'])(
    '[NODE-23] a base may be called %s like a resource',
    async (base) => {
      const other = await createNetwork(['同名（合成）'], { baseOf: () => base })
      const named = await other.start(0)
      const receipt = await named.publish(syntheticStandard(1))
      for (const path of [
        '/log/1/checkpoint',
        '/log/1/tile/0/000.p/1',
        '/log/1/tile/entries/000.p/1',
        '/log/1/records/000.p/1',
        `/records/${receipt.digest}`,
        '/api/v1/logs',
      ])
        expect([path, (await named.fetch(path)).status]).toEqual([path, 200])
      await other.close()
    },
  )
})
