import { describe, expect, test } from 'vitest'
import { readConfig } from '../../node/config.ts'
import { ProtocolError } from '../../protocol/error.ts'

const root = `sha256:${'ab'.repeat(32)}`
const good = { CSX_BASE_URL: 'http://localhost:7401', CSX_REGISTRY_ROOT: root }

function faultsOf(
  environment: Record<string, string>,
): readonly { variable: string; problem: string; remedy: string }[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    expect(error.code).toBe('CONFIG_INVALID')
    return error.evidence.faults as ReturnType<typeof faultsOf>
  }
}

describe('settings', () => {
  test('[DUR-26] the address and the root of trust are enough; everything else has a value', () => {
    expect(readConfig(good)).toMatchObject({
      base: { url: 'http://localhost:7401', authority: 'localhost:7401', base: '' },
      listen: { host: '127.0.0.1', port: 7401 },
      pollInterval: 30_000,
      logLevel: 'info',
    })
    expect(readConfig(good).databaseUrl).toBeUndefined()
    // The port of an https address is the proxy's.
    for (const url of ['https://jgsw.example.gov.cn/bishan', 'https://jgsw.example.gov.cn:8443'])
      expect(readConfig({ ...good, CSX_BASE_URL: url }).listen.port).toBe(7401)
    expect(readConfig({ ...good, CSX_BASE_URL: 'http://localhost:7402' }).listen.port).toBe(7402)
  })

  test('[SYNC-24] directories are absolute paths with colons between them, each once; they need not be there', () => {
    expect(readConfig(good).peerDirectories).toEqual([])
    const paths = '/media/stick:/srv/gateway/in/:/media/stick'
    expect(readConfig({ ...good, CSX_PEER_DIRECTORIES: paths }).peerDirectories).toEqual([
      '/media/stick',
      '/srv/gateway/in',
    ])
    for (const wrong of ['stick', './stick', '/media/stick:', ':/media', 'C:\\stick'])
      expect(faultsOf({ ...good, CSX_PEER_DIRECTORIES: wrong }).map(({ variable }) => variable)).toEqual([
        'CSX_PEER_DIRECTORIES',
      ])
  })

  test('[DUR-26] all faults are named at once, each with a way out', () => {
    const faults = faultsOf({
      CSX_BASE_URL: 'http://example.org',
      CSX_LISTEN: 'nonsense',
      DATABASE_URL: 'mysql://x',
      CSX_POLL_SECONDS: '-1',
      CSX_REGISTRY_ROOT: 'sha256:abc',
      CSX_REGISTRY_SOURCES: 'registry',
      CSX_WORKERS: 'many',
      CSX_LOG_LEVEL: 'loud',
      CSX_BASEURL: 'http://localhost:1234',
    })
    expect(faults.map(({ variable }) => variable).sort()).toEqual([
      'CSX_BASEURL',
      'CSX_BASE_URL',
      'CSX_LISTEN',
      'CSX_LOG_LEVEL',
      'CSX_POLL_SECONDS',
      'CSX_REGISTRY_ROOT',
      'CSX_REGISTRY_SOURCES',
      'CSX_WORKERS',
      'DATABASE_URL',
    ])
    for (const { problem, remedy } of faults) {
      expect(problem).not.toBe('')
      expect(remedy).not.toBe('')
    }
  })

  test('[REG-12] where the registry can be had at first: addresses and absolute paths with spaces between them', () => {
    expect(readConfig(good)).toMatchObject({ registryRoot: root, registrySources: [] })
    const sources = ' https://jgsw.example.gov.cn/registry/  /media/stick/registry '
    expect(readConfig({ ...good, CSX_REGISTRY_SOURCES: sources }).registrySources).toEqual([
      'https://jgsw.example.gov.cn/registry',
      '/media/stick/registry',
    ])
    const [former] = faultsOf({ ...good, CSX_TRUST_FILE: 'trust.json' })
    expect(former?.remedy).toContain('CSX_REGISTRY_ROOT')
  })

  test('[DUR-26] a missing address is a fault, and an empty setting is one that is not set', () => {
    expect(faultsOf({}).map(({ variable }) => variable)).toEqual(['CSX_BASE_URL', 'CSX_REGISTRY_ROOT'])
    expect(readConfig({ ...good, CSX_LISTEN: ' ', DATABASE_URL: '' }).listen.port).toBe(7401)
  })

  test.each([
    'http://localhost:7401/',
    'HTTP://localhost:7401',
    'http://localhost',
    'ftp://localhost:1',
    'localhost:7401',
  ])('[DUR-26] an address has one spelling: %s', (address) => {
    expect(faultsOf({ CSX_BASE_URL: address }).map(({ variable }) => variable)).toEqual(
      expect.arrayContaining(['CSX_BASE_URL']),
    )
  })

  test.each([
    ['CSX_LISTEN', ['127.0.0.1', '127.0.0.1:', ':80', '127.0.0.1:70000', '1.2.3.4:5 ', '::1:80']],
    ['CSX_POLL_SECONDS', ['0', '1e3', '0x10', '+5', '100000', 'NaN']],
    ['CSX_WORKERS', ['0', '65', '2,0']],
  ])('[DUR-26] %s is read strictly', (variable, values) => {
    for (const value of values.filter((text) => text === text.trim())) {
      expect(faultsOf({ ...good, [variable]: value }).map((fault) => fault.variable)).toEqual([variable])
    }
  })

  test('[DUR-26] decimals of seconds and addresses of both families are read', () => {
    expect(readConfig({ ...good, CSX_POLL_SECONDS: '0.25' }).pollInterval).toBe(250)
    expect(readConfig({ ...good, CSX_LISTEN: '[::]:8080' }).listen).toEqual({ host: '::', port: 8080 })
  })

  test('[DUR-26] a fault of the database’s address does not repeat it: it holds a password', () => {
    const faults = faultsOf({ ...good, DATABASE_URL: 'postgres//user:planted-secret@host/db' })
    expect(JSON.stringify(faults)).not.toContain('planted-secret')
    expect(faults).toHaveLength(1)
  })
})
