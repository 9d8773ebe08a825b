import { createPrivateKey, sign } from 'node:crypto'
import { appendFileSync, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'

/**
 * A module that signs, as a bridge to a smart card would: JSON lines in, JSON lines out. The first argument is its seed, the second a
 * file that counts its starts, the third a folder whose files make it misbehave.
 */
const [seed = '', starts = '', faults = ''] = process.argv.slice(2)
const key = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'hex')]),
  format: 'der',
  type: 'pkcs8',
})
appendFileSync(starts, `${process.pid} ${Object.keys(process.env).toSorted().join()}\n`)
const misbehaves = (how: string) => existsSync(`${faults}/${how}`)

for await (const line of createInterface({ input: process.stdin })) {
  const { id, message } = JSON.parse(line) as { id: number; message: string }
  const answer = (signature: Buffer) => ({ id, signature: signature.toString('base64url') })
  const signature = sign(null, Buffer.from(message, 'base64url'), key)
  if (misbehaves('dies')) process.exit(3)
  if (misbehaves('hangs')) continue
  if (misbehaves('rubbish')) process.stdout.write('你好\n')
  else if (misbehaves('floods')) process.stdout.write('x'.repeat(100_000))
  else if (misbehaves('refuses'))
    process.stdout.write(`${JSON.stringify({ id, error: 'PIN 1234 is locked' })}\n`)
  else if (misbehaves('signs-wrongly'))
    process.stdout.write(`${JSON.stringify(answer(signature.reverse()))}\n`)
  else if (misbehaves('answers-another'))
    process.stdout.write(`${JSON.stringify({ ...answer(signature), id: id + 100 })}\n`)
  else process.stdout.write(`${JSON.stringify(answer(signature))}\n`)
}
