import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Serves files as a repository of the registry does. They may change between two requests. */
export interface RegistryServer {
  readonly url: string
  files: ReadonlyMap<string, Uint8Array>
  readonly asked: string[]
  close(): Promise<void>
}

export async function serveRegistry(files: ReadonlyMap<string, Uint8Array>): Promise<RegistryServer> {
  const asked: string[] = []
  const state = { files }
  const server: Server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/registry\//, '')
    asked.push(path)
    const bytes = state.files.get(path)
    response.writeHead(bytes ? 200 : 404).end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/registry`,
    asked,
    get files() {
      return state.files
    },
    set files(next) {
      state.files = next
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
