import { Gauge, Histogram, Registry } from 'prom-client'

/** What `/metrics` tells, in the text format of Prometheus. No names of people, no contents. */
export interface Telemetry {
  observeRequest(method: string, status: number, seconds: number): void
  render(logs: readonly LogGauges[], registry: RegistryGauges, now: number): Promise<string>
}

export interface RegistryGauges {
  readonly version: number
  /** Milliseconds since the epoch: until when the timestamp of the registry speaks for now. */
  readonly freshUntil: number
}

export interface LogGauges {
  readonly origin: string
  readonly own: boolean
  readonly size: number
  readonly held: number
  readonly visible: number
  readonly witnessed?: number
  /** Of a followed log; absent when it was never reached. */
  readonly checkedAt?: string
  readonly state: string
  readonly quarantined: number
  readonly pending: number
}

export function createTelemetry(): Telemetry {
  const registers = [new Registry()]
  const requests = new Histogram({
    name: 'csx_http_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  })
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['origin', 'own'], registers })
  const size = gauge('csx_log_size', 'Entries under the newest verified checkpoint')
  const held = gauge('csx_log_held', 'Entries of which everything is stored here')
  const visible = gauge('csx_log_visible', 'Entries that reached the read model')
  const witnessed = gauge('csx_log_witnessed', 'The newest size that the witnesses of the registry saw')
  const halted = gauge('csx_log_halted', '1 when the log is halted or frozen')
  const quarantined = gauge('csx_log_quarantined', 'Entries that failed their checks')
  const pending = gauge('csx_log_pending', 'Entries that wait for the record they are about')
  const checked = gauge('csx_log_checked_age_seconds', 'Since the last good look at a followed log')
  const plain = (name: string, help: string) => new Gauge({ name, help, registers })
  const version = plain('csx_registry_version', 'Version of the registry that counts here')
  const fresh = plain(
    'csx_registry_fresh_seconds',
    'Until its timestamp runs out; below 0 nobody vouches that it is the newest',
  )
  return {
    observeRequest: (method, status, seconds) =>
      requests.observe({ method, status: String(status) }, seconds),
    render: async (logs, registry, now) => {
      version.set(registry.version)
      fresh.set((registry.freshUntil - now) / 1000)
      for (const log of logs) {
        const labels = { origin: log.origin, own: String(log.own) }
        size.set(labels, log.size)
        held.set(labels, log.held)
        visible.set(labels, log.visible)
        if (log.witnessed !== undefined) witnessed.set(labels, log.witnessed)
        halted.set(labels, log.state === 'active' ? 0 : 1)
        quarantined.set(labels, log.quarantined)
        pending.set(labels, log.pending)
        if (!log.own) checked.set(labels, ageOf(log, now))
      }
      return registers.map((registry) => registry.metrics())[0] ?? ''
    },
  }
}

/** Seconds; infinite where there never was a good look, so that one alarm serves both. */
function ageOf({ checkedAt }: LogGauges, now: number): number {
  if (checkedAt === undefined) return Number.POSITIVE_INFINITY
  return Math.max(0, (now - Date.parse(checkedAt)) / 1000)
}
