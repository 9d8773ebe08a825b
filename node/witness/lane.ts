import { isWithin, witnessesFor } from '../../protocol/trust/cosigner.ts'
import type { Trust, TrustedCosigner } from '../../protocol/trust/trust.ts'
import type { Deps } from '../deps.ts'
import type { Round } from './round.ts'

/** One witness: asked for one thing at a time, and left alone for a while when that failed. */
export interface Lane {
  /** By the registry that counts now. */
  cosigner: TrustedCosigner
  policy: boolean
  /** What it cosigned last, as far as is known. */
  old: number
  /** What was offered last with success, and when. */
  done: { readonly size: number; readonly witnessed: boolean; readonly at: number } | undefined
  running: boolean
  restsUntil: number
  failures: number
}

interface LaneOptions {
  readonly deps: Pick<Deps, 'now'>
  readonly trust: () => Trust
  /** The origin of the own log. */
  readonly own: string
}

export function isDue({ old, done, policy }: Lane, target: Round, before: number): boolean {
  if (target.size < old) return false
  if (done?.size !== target.size || done.at <= before) return true
  return !policy && target.witnessed && !done.witnessed
}

/** Who is a witness now, by the registry that counts now; what is known of each stays. */
export function adjustLanes({ trust, own, deps }: LaneOptions, lanes: Map<string, Lane>): void {
  const now = deps.now() / 1000
  const policy = witnessesFor(trust(), own)
  const wanted = new Map<string, TrustedCosigner>()
  for (const cosigner of [...policy, ...partnersOf(trust(), own)])
    if (isWithin(cosigner, now)) wanted.set(cosigner.key.key.multibase, cosigner)
  for (const [key, lane] of lanes) if (!isSame(wanted.get(key), lane.cosigner)) lanes.delete(key)
  for (const [key, cosigner] of wanted) {
    const lane = lanes.get(key)
    const ofNow = { cosigner, policy: policy.includes(cosigner) }
    if (lane) Object.assign(lane, ofNow)
    else
      lanes.set(key, {
        ...ofNow,
        old: 0,
        done: undefined,
        running: false,
        restsUntil: 0,
        failures: 0,
      })
  }
}

/** Each registry makes its cosigners anew; of one that is as it was, all that is known holds. */
function isSame(a: TrustedCosigner | undefined, b: TrustedCosigner): boolean {
  const told = ({ key, member, from, to }: TrustedCosigner) =>
    JSON.stringify([key.name, key.key.multibase, member.id, member.endpoints.base, from, to])
  return a !== undefined && told(a) === told(b)
}

/** The witnesses of those with whom the owner of a log has a project. */
function partnersOf(trust: Trust, own: string): readonly TrustedCosigner[] {
  const id = trust.logs.get(own)?.member.id ?? ''
  const partners = new Set(
    trust.registry.projects.flatMap(({ parties }) => (parties.includes(id) ? parties : [])),
  )
  partners.delete(id)
  return [...trust.cosigners.values()].filter(
    ({ member, key }) => partners.has(member.id) && key.name.endsWith('/witness'),
  )
}
