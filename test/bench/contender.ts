import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { SyntheticLog } from '../../fixtures/synthetic/log.ts'
import { syntheticMember, syntheticTrust } from '../../fixtures/synthetic/member.ts'
import { concatBytes } from '../../protocol/bytes.ts'
import { sha256 } from '../../protocol/hash.ts'
import { parseEntry } from '../../protocol/log/entry.ts'
import { verifyLoggedRecords } from '../../protocol/verify.ts'
import { measureRound, type Step } from './measure.ts'
import { benchDraft } from './record.ts'

/**
 * One way of verifying, in a process of its own, so that none suffers from what another left in the heap and the compiler. Runs a
 * round whenever it is told to, and answers with its rate.
 */

const amount = 500

async function openStep(name: string | undefined): Promise<Step> {
  if (name === 'ed25519') return ed25519Step()
  const log = new SyntheticLog(syntheticMember('合成甲', 'http://localhost:7401'))
  for (let n = 0; n < amount; n += 1) await log.publish(benchDraft(n))
  if (name === 'ours') return oursStep(log)
  const library = await import('./library.ts')
  return name === 'jcs' ? library.openJcs(log) : library.openRdfc(log)
}

if (process.send) {
  const step = await openStep(process.argv[2])
  process.on('message', () => {
    void measureRound(step).then((rate) => process.send?.(rate.cpu))
  })
  process.on('disconnect', () => process.exit(0))
  process.send('ready')
}

/** Two hashes are signed by the suite; a key is imported once: the least that any verifier of these records can cost. */
function ed25519Step(): Step {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const signed = Array.from({ length: amount }, (_, n) => {
    const message = concatBytes(sha256(Uint8Array.of(n & 255, n >> 8)), sha256(Uint8Array.of(n & 255)))
    return { message, signature: sign(null, message, privateKey) }
  })
  return () => {
    for (const { message, signature } of signed)
      if (!verify(null, message, publicKey, signature)) throw new Error('a good signature was refused')
    return signed.length
  }
}

function oursStep(log: SyntheticLog): Step {
  const trust = syntheticTrust([log.member])
  const entries = log.logged.map(({ entry, bytes }) => ({ entry: parseEntry(entry), bytes }))
  return () => {
    for (const result of verifyLoggedRecords(entries, trust)) if (result instanceof Error) throw result
    return entries.length
  }
}
