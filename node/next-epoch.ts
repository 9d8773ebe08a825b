import { type ProblemCode, ProtocolError } from '../protocol/error.ts'
import { formatOrigin, parseOrigin } from '../protocol/identifier/name.ts'
import { messageOf } from '../protocol/message.ts'
import type { Trust } from '../protocol/trust/trust.ts'
import type { Config } from './config.ts'
import type { Deps } from './deps.ts'
import { type KeyRing, openKeyRing } from './log/key-ring.ts'
import { findSelf, type Self } from './registry.ts'
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

/** A log of this node, with its keys. */
export interface OwnLog extends Self {
  readonly keys: KeyRing
}

/**
 * The newest log of this node; or, as long as its keys are not in the key directory, the closed one before it, to be read.
 *
 * @throws {ProtocolError} `CONFIG_INVALID`, as `openKeyRing`
 * @see spec/key.md, KEY-33
 */
export async function openOwnLog(config: Config, trust: () => Trust): Promise<OwnLog> {
  const self = findSelf(config, trust())
  try {
    return { ...self, keys: await openKeys(config, trust, self) }
  } catch (error) {
    const { epoch, ...name } = parseOrigin(self.origin)
    if (!(error instanceof ProtocolError) || error.code !== 'KEY_NOT_PINNED' || epoch === 1) throw error
    const before = { did: self.did, origin: formatOrigin(name, epoch - 1) }
    return { ...before, keys: await openKeys(config, trust, before) }
  }
}

function openKeys(config: Config, trust: () => Trust, { did, origin }: Self): Promise<KeyRing> {
  return openKeyRing({ ...config, issuer: did, origin, trust })
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
    tell('LOG_CLOSED', `the registry closed the own log: ${closed.reason}`)
    try {
      const next = findSelf(config, trust.current())
      if (next.origin === origin) return
      const keys = await openKeys(config, trust.current, next)
      await keys.close()
      if (done) return
      end()
      deps.logger.info({ origin: next.origin }, 'the next epoch opens')
      onNext()
    } catch (error) {
      if (error instanceof ProtocolError) tell(error.code, error.message)
      else deps.logger.error({ origin, err: error }, 'the next epoch could not be opened')
    }
  }

  function tell(code: ProblemCode, what: string): void {
    if (told !== what) deps.logger.error({ origin, code, remedy: messageOf(code).remedyEn }, what)
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
