import { type ProblemCode, ProtocolError } from '../error.ts'

/** One agency's node: where it answers. `base` lets several agencies share a host. */
export interface NodeName {
  /** Lower-case host of A-labels, with `:port` unless the port is 443. */
  readonly authority: string
  /** Empty, or `/` and one segment. */
  readonly base: string
}

export interface BaseUrl extends NodeName {
  readonly url: string
}

export interface LogOrigin extends NodeName {
  readonly epoch: number
}

export interface RecordId extends NodeName {
  readonly uuid: string
}

const host = '(?<host>[a-z0-9.-]{1,253})'
const port = '(?<port>[1-9][0-9]{0,4})'
const base = '(?<base>(?:/[a-z0-9-]{1,63})?)'

const baseUrlForm = new RegExp(`^(?<scheme>https?)://${host}(?::${port})?${base}$`)
const didForm = new RegExp(`^did:web:${host}(?:%3A${port})?(?::(?<segment>[a-z0-9-]{1,63}))?$`)
const originForm = new RegExp(`^${host}(?::${port})?${base}/log/(?<last>[1-9][0-9]{0,15})$`)
const recordForm = new RegExp(
  `^https://${host}(?::${port})?${base}/id/(?<last>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`,
)

const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/
/** The first step below a base has a meaning of its own, so none of these can be a base. */
const reserved: readonly string[] = ['/log', '/id', '/witness', '/holder']
const longest = 400

/**
 * The HTTP address of a node, in the one spelling from which all its names follow: no slash at the end, no
 * default port, `http` for `localhost` alone and then with a port that neither scheme takes as its default.
 *
 * Proves the spelling; not that the host exists, nor that an `xn--` label decodes.
 *
 * @throws {ProtocolError} `IDENTIFIER_INVALID`
 * @see spec/identifier.md, NAME-1 to NAME-3
 */
export function parseBaseUrl(text: string): BaseUrl {
  const { name, groups } = read(text, baseUrlForm, 'IDENTIFIER_INVALID', 'base URL')
  if (groups.scheme === 'http' && (groups.host !== 'localhost' || !groups.port || groups.port === '80')) {
    throw new ProtocolError('IDENTIFIER_INVALID', 'http is for localhost with a port of its own alone')
  }
  return { ...name, url: text }
}

/** @see spec/identifier.md, NAME-4 */
export function formatDid({ authority, base }: NodeName): string {
  return `did:web:${authority.replace(':', '%3A')}${base.replace('/', ':')}`
}

/**
 * @throws {ProtocolError} `DID_MALFORMED` — also for a `did:web` that others would accept: several path
 * segments, an escape other than `%3A`, an IP address
 * @see spec/identifier.md, NAME-4
 */
export function parseDid(text: string): NodeName {
  return read(text, didForm, 'DID_MALFORMED', 'did:web name').name
}

/**
 * Where the DID document lies on the authority, as an absolute path.
 *
 * @see spec/identifier.md, NAME-5
 */
export function didDocumentPath({ base }: NodeName): string {
  return base === '' ? '/.well-known/did.json' : `${base}/did.json`
}

/** @see spec/identifier.md, NAME-6 */
export function formatOrigin({ authority, base }: NodeName, epoch: number): string {
  if (!Number.isSafeInteger(epoch) || epoch < 1) throw new TypeError('an epoch is an integer from 1')
  return `${authority}${base}/log/${epoch}`
}

/**
 * @throws {ProtocolError} `IDENTIFIER_INVALID`
 * @see spec/identifier.md, NAME-6
 */
export function parseOrigin(text: string): LogOrigin {
  const { name, groups } = read(text, originForm, 'IDENTIFIER_INVALID', 'log origin')
  const epoch = Number(groups.last)
  if (!Number.isSafeInteger(epoch)) throw new ProtocolError('IDENTIFIER_INVALID', 'epoch out of range')
  return { ...name, epoch }
}

/** @see spec/identifier.md, NAME-7 */
export function formatRecordId({ authority, base }: NodeName, uuid: string): string {
  return `https://${authority}${base}/id/${uuid}`
}

/**
 * Any UUID in lower case. Always `https`: an identifier is a name, not an address to fetch.
 *
 * @throws {ProtocolError} `IDENTIFIER_INVALID`
 * @see spec/identifier.md, NAME-7
 */
export function parseRecordId(text: string): RecordId {
  const { name, groups } = read(text, recordForm, 'IDENTIFIER_INVALID', 'record id')
  return { ...name, uuid: groups.last ?? '' }
}

type Groups = Readonly<Record<string, string | undefined>>

function read(
  text: string,
  form: RegExp,
  code: ProblemCode,
  what: string,
): { name: NodeName; groups: Groups } {
  const groups: Groups | undefined = text.length > longest ? undefined : form.exec(text)?.groups
  if (!groups) throw new ProtocolError(code, `not a ${what}`)
  const base = groups.base ?? (groups.segment === undefined ? '' : `/${groups.segment}`)
  if (reserved.includes(base)) throw new ProtocolError(code, `${what}: ${base} cannot be a base`)
  const authority = joinAuthority(groups.host ?? '', groups.port)
  if (authority === undefined) throw new ProtocolError(code, `${what}: not a host name with its port`)
  return { name: { authority, base }, groups }
}

/** A last label that starts with a digit may be read as an IPv4 address, which did:web refuses. */
function joinAuthority(host: string, port: string | undefined): string | undefined {
  const labels = host.split('.')
  if (!labels.every((part) => label.test(part)) || !/^[a-z]/.test(labels.at(-1) ?? '')) return undefined
  if (port === undefined) return host
  return port === '443' || Number(port) > 65_535 ? undefined : `${host}:${port}`
}
