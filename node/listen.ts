import { serve } from '@hono/node-server'
import { ProtocolError } from '../protocol/error.ts'
import type { Config } from './config.ts'
import type { Undo } from './storage.ts'

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
  undo: Undo[],
): Promise<string> {
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const { host, port } = config.listen
    const starting = serve({ fetch, hostname: host, port, serverOptions: patience }, () => resolve(starting))
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
  return config.base.url
}
