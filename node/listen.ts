import { createServer } from 'node:https'
import { serve } from '@hono/node-server'
import { ProtocolError } from '../protocol/error.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import type { Undo } from './storage.ts'
import { type Identity, readIdentity } from './tls.ts'

/** Milliseconds: slow senders must not keep a connection for ever (R35). */
const patience = {
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 20_000,
  connectionsCheckingInterval: 5_000,
} as const

/**
 * Opens the door of a node.
 *
 * @throws {ProtocolError} `CONFIG_INVALID` — the address cannot be listened on
 */
export async function listen(
  config: Config,
  fetch: (request: Request) => Response | Promise<Response>,
  { deps, undo }: { readonly deps: Pick<Deps, 'now' | 'logger'>; readonly undo: Undo[] },
): Promise<string> {
  const identity = await readIdentity(config, deps.now())
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const { host, port } = config.listen
    const options = identity
      ? {
          createServer,
          // Until the handshake is done there is no request whose head could be late.
          serverOptions: {
            ...patience,
            handshakeTimeout: patience.headersTimeout,
            cert: identity.cert,
            key: identity.key,
          },
        }
      : { serverOptions: patience }
    const starting = serve({ fetch, hostname: host, port, ...options }, () => resolve(starting))
    starting.on('error', (cause) => {
      const problem = `cannot listen on ${config.listen.host}:${config.listen.port}`
      reject(
        new ProtocolError('CONFIG_INVALID', `CSX_LISTEN: ${problem}`, {
          cause,
          evidence: {
            faults: [
              { variable: 'CSX_LISTEN', problem, remedy: 'stop what uses the port, or choose another' },
            ],
          },
        }),
      )
    })
  })
  undo.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeIdleConnections' in server) server.closeIdleConnections()
        setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), 3_000).unref()
      }),
  )
  if (identity) undo.push(watchIdentity(config, identity, { deps, server }))
  return config.base.url
}

/** Milliseconds: a renewed certificate is taken up without a restart. */
const renewalCheck = 60_000
const warnBefore = 14 * 86_400_000

/** @returns ends it */
function watchIdentity(
  config: Config,
  first: Identity,
  {
    deps,
    server,
  }: { readonly deps: Pick<Deps, 'now' | 'logger'>; readonly server: ReturnType<typeof serve> },
): () => void {
  let current = first
  let told = ''
  const tell = (problem: string) => {
    if (told !== problem) deps.logger.warn({ until: new Date(current.until).toISOString() }, problem)
    told = problem
  }
  const look = async () => {
    try {
      const next = await readIdentity(config, deps.now())
      if (next && next.cert !== current.cert && 'setSecureContext' in server) {
        server.setSecureContext({ cert: next.cert, key: next.key })
        current = next
        told = ''
        deps.logger.info({ until: new Date(next.until).toISOString() }, 'a renewed certificate is in use')
      }
      if (current.until - deps.now() < warnBefore) tell('the certificate expires within two weeks')
    } catch (error) {
      tell(error instanceof Error ? error.message : 'the certificate cannot be read')
    }
  }
  void look()
  const timer = setInterval(() => void look(), Math.min(renewalCheck, config.pollInterval))
  return () => clearInterval(timer)
}
