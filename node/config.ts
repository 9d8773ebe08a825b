import { availableParallelism } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { ProtocolError } from '../protocol/error.ts'
import { type Digest, isDigest } from '../protocol/hash.ts'
import { type BaseUrl, parseBaseUrl } from '../protocol/identifier/name.ts'
import { type LogLevel, logLevels } from './deps.ts'

export interface Config {
  readonly base: BaseUrl
  readonly listen: { readonly host: string; readonly port: number }
  readonly dataDirectory: string
  /** The largest file that is taken, from the operator or from others. */
  readonly maxBlobBytes: number
  /** Absent: the embedded PostgreSQL below the data directory. */
  readonly databaseUrl?: string
  /** Fingerprint of the root of trust, given to the operator by another way. */
  readonly registryRoot: Digest
  /** Where the registry can be had at first: addresses of `…/registry`, or directories. */
  readonly registrySources: readonly string[]
  /** Holds what this node knows of the registry, in the layout in which it is served. */
  readonly registryDirectory: string
  readonly keysDirectory: string
  /** Of the passphrase of sealed keys. */
  readonly passphraseFile?: string
  readonly tokenFile: string
  /** Milliseconds between two looks at a peer. */
  readonly pollInterval: number
  readonly workers: number
  /** Files of the certificate and its key; absent where a proxy speaks TLS. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
  /** Further authorities by which other nodes are known. */
  readonly caFile?: string
  /** Where copies of logs lie, on sticks or behind one-way gateways; read in place of the network. */
  readonly peerDirectories: readonly string[]
  readonly logLevel: LogLevel
  /** Stop when standard input ends: whoever started this process is gone. */
  readonly stopWithParent: boolean
}

export interface SettingFault {
  readonly variable: string
  readonly problem: string
  readonly remedy: string
}

const defaultPort = '7401'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the settings. All faults are named at once, so that they are corrected at once.
 *
 * @throws {ProtocolError} `CONFIG_INVALID` — `evidence.faults` lists variable, problem and remedy
 * @see README, "Settings"
 */
export function readConfig(environment: Environment = process.env): Config {
  const faults: SettingFault[] = []
  const read = <T>(
    variable: string,
    fallback: string | undefined,
    parse: (text: string) => T,
  ): T | undefined => {
    const text = environment[variable]?.trim() || fallback
    try {
      if (text === undefined) throw new ProtocolError('CONFIG_INVALID', 'is not set')
      return parse(text)
    } catch (error) {
      faults.push({
        variable,
        problem: error instanceof Error ? error.message : String(error),
        remedy: remedies[variable] ?? '',
      })
      return undefined
    }
  }
  const data = resolve(environment.CSX_DATA_DIR?.trim() || '.csx')
  const passphraseFile = environment.CSX_PASSPHRASE_FILE?.trim() || undefined
  const base = read('CSX_BASE_URL', undefined, parseBaseUrl)
  const tls = readTls(environment, base, faults)
  const listen = read('CSX_LISTEN', defaultListen(base, tls), parseListen)
  const databaseUrl = read('DATABASE_URL', 'embedded', parseDatabaseUrl)
  const pollInterval = read('CSX_POLL_SECONDS', '30', (text) => 1000 * parseNumber(text, 0.05, 86_400))
  const workers = read('CSX_WORKERS', String(Math.min(2, availableParallelism())), (text) =>
    Math.floor(parseNumber(text, 1, 64)),
  )
  const maxBlobBytes = read('CSX_BLOB_MEBIBYTES', '64', (text) =>
    Math.floor(parseNumber(text, 1, 1024) * 2 ** 20),
  )
  const registryRoot = read('CSX_REGISTRY_ROOT', undefined, parseFingerprint)
  const registrySources = read('CSX_REGISTRY_SOURCES', '', parseSources)
  const peerDirectories = read('CSX_PEER_DIRECTORIES', '', parseDirectories)
  const logLevel = read('CSX_LOG_LEVEL', 'info', parseLevel)
  const unknown = Object.keys(environment).filter((name) => name.startsWith('CSX_') && !known.has(name))
  for (const variable of unknown)
    faults.push({
      variable,
      problem: 'is not a setting',
      remedy: formerly[variable] ?? 'remove it, or correct its name',
    })
  if (
    faults.length > 0 ||
    !base ||
    !listen ||
    pollInterval === undefined ||
    workers === undefined ||
    peerDirectories === undefined ||
    maxBlobBytes === undefined ||
    !registryRoot ||
    !registrySources ||
    !logLevel ||
    databaseUrl === undefined
  ) {
    throw new ProtocolError(
      'CONFIG_INVALID',
      faults.map(({ variable, problem }) => `${variable}: ${problem}`).join('; '),
      { evidence: { faults } },
    )
  }
  return {
    base,
    listen,
    dataDirectory: data,
    maxBlobBytes,
    ...(databaseUrl === 'embedded' ? {} : { databaseUrl }),
    registryRoot,
    registrySources,
    registryDirectory: join(data, 'registry'),
    ...(tls ? { tls } : {}),
    ...(environment.CSX_CA_FILE?.trim() ? { caFile: resolve(environment.CSX_CA_FILE.trim()) } : {}),
    keysDirectory: resolve(environment.CSX_KEYS_DIR?.trim() || join(data, 'keys')),
    ...(passphraseFile === undefined ? {} : { passphraseFile: resolve(passphraseFile) }),
    tokenFile: resolve(environment.CSX_OPERATOR_TOKEN_FILE?.trim() || join(data, 'operator.token')),
    pollInterval,
    workers,
    peerDirectories,
    logLevel,
    stopWithParent: environment.CSX_STOP_WITH_PARENT === '1',
  }
}

const known: ReadonlySet<string> = new Set([
  'CSX_BASE_URL',
  'CSX_LISTEN',
  'CSX_DATA_DIR',
  'CSX_REGISTRY_ROOT',
  'CSX_REGISTRY_SOURCES',
  'CSX_KEYS_DIR',
  'CSX_PASSPHRASE_FILE',
  'CSX_OPERATOR_TOKEN_FILE',
  'CSX_POLL_SECONDS',
  'CSX_WORKERS',
  'CSX_BLOB_MEBIBYTES',
  'CSX_TLS_CERT_FILE',
  'CSX_TLS_KEY_FILE',
  'CSX_CA_FILE',
  'CSX_PEER_DIRECTORIES',
  'CSX_LOG_LEVEL',
  'CSX_STOP_WITH_PARENT',
  // Of the command line, so that one environment can serve both.
  'CSX_TRUST',
  'CSX_NODE',
  'CSX_TOKEN_FILE',
])

const remedies: Readonly<Record<string, string>> = {
  CSX_BASE_URL:
    'the address under which others reach this node, such as https://jgsw.example.gov.cn or http://localhost:7401',
  CSX_LISTEN: 'host:port to listen on, such as 127.0.0.1:7401 or [::]:7401',
  DATABASE_URL: 'postgres://user:password@host:5432/name, or nothing for the embedded PostgreSQL',
  CSX_REGISTRY_ROOT:
    'sha256: and 64 hexadecimal digits, the fingerprint of the root that both bureaus publish; compare it by telephone or on paper',
  CSX_REGISTRY_SOURCES:
    'addresses or absolute paths with spaces between them, such as https://jgsw.example.gov.cn/registry /media/stick/registry',
  CSX_POLL_SECONDS: 'seconds between two looks at a peer, 0.05 to 86400',
  CSX_WORKERS: 'threads that verify, 1 to 64',
  CSX_BLOB_MEBIBYTES: 'the largest file that is taken, in MiB, 1 to 1024',
  CSX_PEER_DIRECTORIES: 'absolute paths with ":" between them, such as /media/stick:/srv/gateway',
  CSX_LOG_LEVEL: `one of ${logLevels.join(' ')}`,
}

const formerly: Readonly<Record<string, string>> = {
  CSX_TRUST_FILE:
    'nodes trust what both bureaus signed: set CSX_REGISTRY_ROOT, and CSX_REGISTRY_SOURCES for the first start',
}

/** Both files or neither, and only for an address that others call by TLS. */
function readTls(environment: Environment, base: BaseUrl | undefined, faults: SettingFault[]): Config['tls'] {
  const [cert, key] = [environment.CSX_TLS_CERT_FILE?.trim(), environment.CSX_TLS_KEY_FILE?.trim()]
  if (!cert && !key) return undefined
  if (!cert || !key)
    faults.push({
      variable: cert ? 'CSX_TLS_KEY_FILE' : 'CSX_TLS_CERT_FILE',
      problem: 'is not set, and the other of the two is',
      remedy: 'set both, or neither behind a proxy that speaks TLS',
    })
  if (base && !base.url.startsWith('https:'))
    faults.push({
      variable: 'CSX_BASE_URL',
      problem: 'is not https, and there is a certificate',
      remedy: 'begin the address with https://, or remove CSX_TLS_CERT_FILE and CSX_TLS_KEY_FILE',
    })
  return cert && key ? { certFile: resolve(cert), keyFile: resolve(key) } : undefined
}

/** Who speaks TLS itself is there for everybody; else the proxy is, and the node for the proxy alone. */
function defaultListen(base: BaseUrl | undefined, tls: Config['tls']): string {
  const port = /:(\d+)$/.exec(base?.authority ?? '')?.[1]
  if (tls) return `[::]:${port ?? '443'}`
  return `127.0.0.1:${base ? portOf(base) : defaultPort}`
}

/** The port of an `https` address is that of the proxy in front, which may be on this machine and leaves nobody else on it. */
function portOf({ authority, url }: BaseUrl): string {
  return url.startsWith('https:') ? defaultPort : (/:(\d+)$/.exec(authority)?.[1] ?? defaultPort)
}

function parseListen(text: string): Config['listen'] {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || !(port <= 65_535)) throw new ProtocolError('CONFIG_INVALID', 'is not host:port')
  return { host, port }
}

function parseDatabaseUrl(text: string): string {
  if (text !== 'embedded' && !/^postgres(?:ql)?:\/\/\S+$/.test(text))
    throw new ProtocolError('CONFIG_INVALID', 'is not a postgres:// URL')
  return text
}

function parseNumber(text: string, least: number, most: number): number {
  const value = /^\d{1,9}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most))
    throw new ProtocolError('CONFIG_INVALID', `is not a number from ${least} to ${most}`)
  return value
}

function parseDirectories(text: string): readonly string[] {
  const paths = text === '' ? [] : text.split(':')
  if (!paths.every((path) => isAbsolute(path) && !path.includes('\0')))
    throw new ProtocolError('CONFIG_INVALID', 'is not a list of absolute paths')
  return [...new Set(paths.map((path) => resolve(path)))]
}

function parseFingerprint(text: string): Digest {
  if (!isDigest(text)) throw new ProtocolError('CONFIG_INVALID', 'is not sha256: and 64 hexadecimal digits')
  return text
}

function parseSources(text: string): readonly string[] {
  const sources = text.split(/\s+/).filter((source) => source !== '')
  for (const source of sources)
    if (!isAbsolute(source) && !/^https?:\/\/[^\s?#]+$/.test(source))
      throw new ProtocolError('CONFIG_INVALID', `is neither an address nor an absolute path: ${source}`)
  return sources.map((source) => source.replace(/\/+$/, ''))
}

function parseLevel(text: string): LogLevel {
  const level = logLevels.find((name) => name === text)
  if (!level) throw new ProtocolError('CONFIG_INVALID', 'is not a log level')
  return level
}
