import { ProtocolError } from '../protocol/error.ts'
import type { Deps } from './deps.ts'
import type { PreparedRecord } from './log/publish.ts'
import type { HeldTrust } from './trust/held-trust.ts'

export interface RegistryLogOptions {
  readonly deps: Pick<Deps, 'logger'>
  readonly trust: HeldTrust
  /** The record of the version that counts now, where this node has to log it. */
  readonly prepare: () => Promise<PreparedRecord | undefined>
  readonly append: (record: PreparedRecord) => Promise<unknown>
  /** Milliseconds until it is tried again. */
  readonly interval: number
}

/**
 * Logs each version of the registry that the node of a bureau goes by, once: after a start, and when a newer one comes. What fails is
 * tried again.
 *
 * @returns ends it
 * @see spec/registry.md, REG-15
 */
export function logRegistryVersions(options: RegistryLogOptions): () => Promise<void> {
  const { deps, trust } = options
  let stopped = false
  let running = Promise.resolve()
  let retry: NodeJS.Timeout | undefined

  async function log(): Promise<void> {
    if (stopped) return
    try {
      const record = await options.prepare()
      if (!record) return
      await options.append(record)
      deps.logger.info(
        { version: trust.current().registry.version },
        'this version of the registry is logged',
      )
    } catch (error) {
      // Its id follows from its digest: it is there already.
      if (error instanceof ProtocolError && error.code === 'DUPLICATE_ID') return
      deps.logger.warn({ err: error }, 'the version of the registry could not be logged')
      if (!stopped) retry = setTimeout(start, options.interval)
    }
  }

  function start(): void {
    clearTimeout(retry)
    running = running.then(log)
  }

  start()
  const unsubscribe = trust.onChange(start)
  return async () => {
    stopped = true
    unsubscribe()
    clearTimeout(retry)
    await running
  }
}
