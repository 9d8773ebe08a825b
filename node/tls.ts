import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { decodeUtf8 } from '../protocol/bytes.ts'
import { ProtocolError } from '../protocol/error.ts'
import type { Config } from './config.ts'
import { readSecretFile } from './log/signer.ts'

/** What a TLS server shows and keeps. */
export interface Identity {
  /** PEM: the certificate of this node, then those above it. */
  readonly cert: string
  readonly key: string
  /** Of the contents, to tell a renewal. */
  readonly until: number
}

/**
 * The certificate and its key, held against each other, the address and the clock: what a browser would refuse is said here, in words.
 *
 * @returns `undefined` without the settings: a proxy speaks TLS then
 * @throws {ProtocolError} `CONFIG_INVALID` — unreadable, not for this host, not of this key, or expired; `KEY_PERMISSIONS`
 * @see spec/node.md, NODE-32
 */
export async function readIdentity(config: Config, now: number): Promise<Identity | undefined> {
  const { tls, base } = config
  if (!tls) return undefined
  const cert = await readText(tls.certFile, 'CSX_TLS_CERT_FILE')
  const key = decodeUtf8(await readSecretFile(tls.keyFile))
  const leaf = within(
    'CSX_TLS_CERT_FILE',
    'is not a certificate in PEM form',
    () => new X509Certificate(cert),
  )
  const secret = within('CSX_TLS_KEY_FILE', 'is not a private key in PEM form', () => createPrivateKey(key))
  if (!leaf.checkPrivateKey(secret))
    throw fault(
      'CSX_TLS_KEY_FILE',
      'is not the key of the certificate',
      'give the two files that belong together',
    )
  const host = new URL(base.url).hostname
  if (leaf.checkHost(host) === undefined)
    throw fault(
      'CSX_TLS_CERT_FILE',
      `is not for ${host}`,
      'have the certificate made for the host of CSX_BASE_URL',
    )
  const until = Date.parse(leaf.validTo)
  if (until < now) throw fault('CSX_TLS_CERT_FILE', `expired on ${leaf.validTo}`, 'renew the certificate')
  return { cert, key, until }
}

/**
 * The authorities by which other nodes are known: those that come with Node, and those of the file, as a government extranet has them.
 *
 * @throws {ProtocolError} `CONFIG_INVALID`
 * @see spec/node.md, NODE-33
 */
export async function readAuthorities({ caFile }: Config): Promise<readonly string[] | undefined> {
  if (caFile === undefined) return undefined
  const text = await readText(caFile, 'CSX_CA_FILE')
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (found.length === 0) throw fault('CSX_CA_FILE', 'holds no certificate in PEM form', pemRemedy)
  for (const pem of found)
    within('CSX_CA_FILE', 'holds a certificate that cannot be read', () => new X509Certificate(pem))
  return [...rootCertificates, ...found]
}

const pemRemedy = 'a text file with -----BEGIN CERTIFICATE-----; ask who runs the network for it'

async function readText(file: string, variable: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw fault(variable, 'cannot be read', `put the file at ${file}, readable by the node`, cause)
  }
}

function within<T>(variable: string, problem: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw fault(variable, problem, pemRemedy, cause)
  }
}

function fault(variable: string, problem: string, remedy: string, cause?: unknown): ProtocolError {
  return new ProtocolError('CONFIG_INVALID', `${variable}: ${problem}`, {
    evidence: { faults: [{ variable, problem, remedy }] },
    cause,
  })
}
