import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { openKeyRing } from './log/key-ring.ts'
import { findSelf } from './registry.ts'
import type { HeldTrust } from './trust/held-trust.ts'

export interface EpochWatch {
  readonly config: Config
  readonly deps: Pick<Deps, 'logger'>
  readonly trust: HeldTrust
  /** The log that is written now. */
  readonly origin: string
  /** The next log can be written: the registry names it, and its keys are here. Called once. */
  readonly onNext: () => void
}

/**
 * Waits until the registry closes the own log and names the next one. Before its keys are in the key directory this node goes on serving
 * what it has; the directory is looked at every interval.
 *
 * @returns ends the waiting
 * @see spec/key.md, KEY-33
 */
export function watchForNextEpoch({ config, deps, trust, origin, onNext }: EpochWatch): () => void {
  let done = false
  let told = ''

  async function look(): Promise<void> {
    const { closed } = trust.current().logs.get(origin)?.log ?? {}
    if (done || !closed) return
    tell(`the registry closed the own log: ${closed.reason}`)
    try {
      const next = findSelf(config, trust.current())
      const keys = await openKeyRing({
        ...config,
        directory: config.keysDirectory,
        issuer: next.did,
        origin: next.origin,
        trust: trust.current,
      })
      await keys.close()
      if (done) return
      end()
      deps.logger.info({ origin: next.origin }, 'the next epoch opens')
      onNext()
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error))
    }
  }

  function tell(what: string): void {
    if (told !== what) deps.logger.error({ origin }, what)
    told = what
  }

  const timer = setInterval(() => void look(), config.pollInterval)
  const forget = trust.onChange(() => void look())
  function end(): void {
    done = true
    clearInterval(timer)
    forget()
  }
  return end
}
