import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  didDocumentPath,
  formatDid,
  formatOrigin,
  formatRecordId,
  type NodeName,
  parseBaseUrl,
  parseDid,
  parseOrigin,
  parseRecordId,
} from '../../../protocol/identifier/name.ts'
import { codeOf } from './code-of.ts'

const uuid = '0b8f2c1e-6a57-4f0e-9d1c-3a5b7c9d1e2f'
const bishan: NodeName = { authority: 'bishan.example.cn', base: '' }
const shared: NodeName = { authority: 'xn--fiqs8s.example:8443', base: '/meishan' }

const labels = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/)
const names: fc.Arbitrary<NodeName> = fc
  .record({
    labels: fc.array(labels, { minLength: 1, maxLength: 4 }),
    port: fc.option(fc.integer({ min: 1, max: 65_535 }).filter((port) => port !== 443)),
    segment: fc.option(fc.stringMatching(/^[a-z0-9-]{1,20}$/)),
  })
  .filter(({ segment }) => !['log', 'id', 'witness', 'holder'].includes(segment ?? ''))
  .map(({ labels, port, segment }) => ({
    authority: labels.join('.') + (port === null ? '' : `:${port}`),
    base: segment === null ? '' : `/${segment}`,
  }))

test('[NAME-1] a base URL gives authority, base and itself', () => {
  expect(parseBaseUrl('https://bishan.example.cn')).toEqual({ ...bishan, url: 'https://bishan.example.cn' })
  const url = 'https://xn--fiqs8s.example:8443/meishan'
  expect(parseBaseUrl(url)).toEqual({ ...shared, url })
})

test('[NAME-1] every base URL is the spelling a URL parser writes', () => {
  fc.assert(
    fc.property(names, (name) => {
      const { authority, base, url } = parseBaseUrl(`https://${name.authority}${name.base}`)
      expect({ authority, base }).toEqual(name)
      expect(new URL(url).href).toBe(base === '' ? `${url}/` : url)
    }),
  )
})

test.each([
  'https://bishan.example.cn/',
  'https://bishan.example.cn:443',
  'https://bishan.example.cn:08443',
  'https://bishan.example.cn:65536',
  'https://bishan.example.cn:0',
  'https://Bishan.example.cn',
  'https://璧山.example.cn',
  'https://bishan..example.cn',
  'https://bishan.example.cn.',
  'https://-bishan.example.cn',
  'https://127.0.0.1',
  'https://[::1]',
  'https://host.0x7f',
  'https://user@bishan.example.cn',
  'https://bishan.example.cn/a/b',
  'https://bishan.example.cn/A',
  'https://bishan.example.cn/a?b',
  'https://bishan.example.cn/a\n',
  'ftp://bishan.example.cn',
  `https://${'a'.repeat(64)}.cn`,
  `https://${'a.'.repeat(200)}cn`,
  '',
])('[NAME-2] another spelling of a base URL is refused: %j', (text) => {
  expect(codeOf(() => parseBaseUrl(text))).toBe('IDENTIFIER_INVALID')
})

test('[NAME-2] a base that is the first step of another name is refused', () => {
  for (const base of ['log', 'id', 'witness', 'holder']) {
    expect(codeOf(() => parseBaseUrl(`https://bishan.example.cn/${base}`))).toBe('IDENTIFIER_INVALID')
    expect(codeOf(() => parseDid(`did:web:bishan.example.cn:${base}`))).toBe('DID_MALFORMED')
  }
})

test('[NAME-3] http is for localhost with a port of its own alone', () => {
  expect(parseBaseUrl('http://localhost:7401').authority).toBe('localhost:7401')
  for (const text of [
    'http://localhost',
    'http://localhost:80',
    'http://localhost:443',
    'http://a.cn:7401',
  ]) {
    expect(codeOf(() => parseBaseUrl(text))).toBe('IDENTIFIER_INVALID')
  }
})

test('[NAME-4] a DID escapes the port and takes the base as a path', () => {
  expect(formatDid(bishan)).toBe('did:web:bishan.example.cn')
  expect(formatDid(shared)).toBe('did:web:xn--fiqs8s.example%3A8443:meishan')
})

test('[NAME-4] a DID in another spelling is refused', () => {
  for (const text of [
    'did:web:localhost:7401%3A',
    'did:web:localhost%3a7401',
    'did:web:localhost%3A443',
    'did:web:a.cn:b:c',
    'did:web:a.cn:',
    'did:web:a.cn#key',
    'did:web:a.cn/',
    'did:web:127.0.0.1',
    'did:WEB:a.cn',
    'did:key:z6Mk',
  ]) {
    expect(codeOf(() => parseDid(text))).toBe('DID_MALFORMED')
  }
})

test('[NAME-5] the DID document lies under the base, or in .well-known without one', () => {
  expect(didDocumentPath(bishan)).toBe('/.well-known/did.json')
  expect(didDocumentPath(shared)).toBe('/meishan/did.json')
})

test('[NAME-6] an origin is the name, log and an epoch from 1', () => {
  expect(formatOrigin(shared, 12)).toBe('xn--fiqs8s.example:8443/meishan/log/12')
  expect(parseOrigin('bishan.example.cn/log/1')).toEqual({ ...bishan, epoch: 1 })
  for (const epoch of ['0', '01', '-1', '1.0', '1e3', '', '9999999999999999', ' 1']) {
    expect(codeOf(() => parseOrigin(`bishan.example.cn/log/${epoch}`))).toBe('IDENTIFIER_INVALID')
  }
  expect(() => formatOrigin(shared, 0)).toThrow(TypeError)
})

test('[NAME-7] a record id is https and a lower-case UUID', () => {
  expect(formatRecordId(bishan, uuid)).toBe(`https://bishan.example.cn/id/${uuid}`)
  for (const text of [
    `http://localhost:7401/id/${uuid}`,
    `https://bishan.example.cn/id/${uuid.toUpperCase()}`,
    `https://bishan.example.cn/id/${uuid}/`,
    `https://bishan.example.cn/id/{${uuid}}`,
    `https://bishan.example.cn/${uuid}`,
    `https://bishan.example.cn/id/${uuid}#c1`,
  ]) {
    expect(codeOf(() => parseRecordId(text))).toBe('IDENTIFIER_INVALID')
  }
})

test('[NAME-9] each kind of name has one spelling, and what is read is what was written', () => {
  fc.assert(
    fc.property(names, fc.integer({ min: 1 }), fc.uuid(), (name, epoch, uuid) => {
      expect(parseDid(formatDid(name))).toEqual(name)
      expect(parseOrigin(formatOrigin(name, epoch))).toEqual({ ...name, epoch })
      expect(parseRecordId(formatRecordId(name, uuid))).toEqual({ ...name, uuid })
    }),
  )
})

test('[NAME-9] a name that is read is written back as it was, whatever the text', () => {
  const nearly = fc.stringMatching(
    /^(did:web:)?(https?:\/\/)?[a-zA-Z0-9.%:/-]{0,40}(\/(log|id)\/[0-9a-f-]{1,36})?$/,
  )
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string(), fc.webUrl()), (text) => {
      for (const [read, write] of [
        [parseDid, formatDid],
        [parseOrigin, (name: ReturnType<typeof parseOrigin>) => formatOrigin(name, name.epoch)],
        [parseRecordId, (name: ReturnType<typeof parseRecordId>) => formatRecordId(name, name.uuid)],
        [parseBaseUrl, (name: ReturnType<typeof parseBaseUrl>) => name.url],
      ] as readonly (readonly [(text: string) => any, (name: any) => string])[]) {
        const code = codeOf(() => expect(write(read(text))).toBe(text))
        expect([undefined, 'IDENTIFIER_INVALID', 'DID_MALFORMED']).toContain(code)
      }
    }),
    { numRuns: 500 },
  )
})
