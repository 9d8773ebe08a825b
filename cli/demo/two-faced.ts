import { mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { decodeBase64Url } from '../../protocol/bytes.ts'
import { canonicalBytes } from '../../protocol/canonical.ts'
import { formatMoment } from '../../protocol/date.ts'
import { digestOf } from '../../protocol/hash.ts'
import { formatDid, formatOrigin, formatRecordId, parseBaseUrl } from '../../protocol/identifier/name.ts'
import { canonicalKey, parseStandardNumber } from '../../protocol/identifier/standard-number.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { type Signer, signerFromSeed } from '../../protocol/key.ts'
import { signCheckpoint } from '../../protocol/log/checkpoint.ts'
import { formatEntry } from '../../protocol/log/entry.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { formatOffer } from '../../protocol/log/offer.ts'
import { formatEntryBundle } from '../../protocol/log/tile.ts'
import { signRecord } from '../../protocol/proof/sign.ts'
import { composeRecord } from '../../protocol/record/compose.ts'
import { parseDraft } from '../../protocol/record/draft.ts'
import { freePort, must } from './network.ts'

/** A synthetic member whose log has two histories: one for each bureau. */
export interface TwoFaced {
  readonly memberFile: string
  readonly origin: string
  /** Shows the first history to one witness and the second to the other. @returns their answers */
  show(first: string, second: string): Promise<readonly number[]>
  close(): void
}

interface History {
  readonly note: string
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** Keys as any member has them; the program that uses them is this one, and no `csx-node`. */
export async function prepareTwoFaced(root: string, scratch: string, now: () => number): Promise<TwoFaced> {
  const keys = join(scratch, 'two-faced')
  await mkdir(keys, { recursive: true })
  const url = `http://localhost:${await freePort(7405)}`
  await must(root, ['keygen', '--base-url', url, '--name', '两面示例机关（合成）', '--out', keys], scratch)
  const name = parseBaseUrl(url)
  const origin = formatOrigin(name, 1)
  const signers = { log: await readSigner(keys, 'log'), publish: await readSigner(keys, 'publish') }
  const histories = await Promise.all(
    ['DB50/T 990501—2026', 'DB50/T 990502—2026'].map((number, n) =>
      writeHistory({ number, name, origin, signers, now: now() + n }),
    ),
  )
  const [first, second] = histories
  if (!first || !second) throw new Error('two histories were expected')
  let shown = false
  const server = createServer((request, response) => {
    const bytes = shown && first.files.get((request.url ?? '').replace(/^\/log\/1\/|\?.*$/g, ''))
    if (bytes) response.writeHead(200).end(bytes)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(Number(new URL(url).port), '127.0.0.1', resolve))
  const offer = async (to: string, { note }: History) => {
    const body = formatOffer({ old: 0, path: [], note })
    return (await fetch(`${to}/witness/add-checkpoint`, { method: 'POST', body })).status
  }
  return {
    memberFile: join(keys, 'member.json'),
    origin,
    show: async (one, two) => {
      shown = true
      return [await offer(one, first), await offer(two, second)]
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

interface Story {
  readonly number: string
  readonly name: ReturnType<typeof parseBaseUrl>
  readonly origin: string
  readonly signers: { readonly log: Signer; readonly publish: Signer }
  readonly now: number
}

/** A log of one entry, as it is served. */
async function writeHistory({ number, name, origin, signers, now }: Story): Promise<History> {
  const id = formatRecordId(name, crypto.randomUUID())
  const issuer = formatDid(name)
  const document = await signRecord(composeRecord(parseDraft(standard(number)), { id, issuer }), {
    signer: signers.publish,
    issuer,
    domain: origin,
    created: formatMoment(now).replace(/\.\d{3}Z$/, 'Z'),
  })
  const bytes = canonicalBytes(document)
  const entry = formatEntry({
    at: formatMoment(now),
    digest: digestOf(bytes),
    id,
    index: 0,
    log: origin,
    tier: 'public',
    type: 'StandardRecord',
    v: 1,
  })
  const leaf = leafHash(entry)
  const note = await signCheckpoint({ origin, size: 1, root: leaf }, origin, signers.log)
  const page = canonicalBytes({ index: 0, record: document })
  return {
    note,
    files: new Map([
      ['checkpoint', Buffer.from(note)],
      ['tile/0/000.p/1', leaf],
      ['tile/entries/000.p/1', formatEntryBundle([entry])],
      ['records/000.p/1', Buffer.concat([page, Buffer.from('\n')])],
    ]),
  }
}

function standard(value: string): JsonObject {
  return {
    type: 'StandardRecord',
    tier: 'public',
    synthetic: true,
    sourceNote: { text: '合成样例，演示分叉日志', confidence: 'high' },
    credentialSubject: {
      identifiers: [{ scheme: 'DB-P', value, canonicalKey: canonicalKey(parseStandardNumber(value)) }],
      titleZh: `两面示例标准 ${value}（合成样例）`,
      level: 'provincial',
      mandate: 'recommended',
      documentKind: 'specification',
      class: 'general',
      publishedOn: '2026-01-05',
      effectiveOn: '2026-02-01',
    },
  }
}

async function readSigner(keys: string, purpose: string): Promise<Signer> {
  const file: JsonValue = JSON.parse(await readFile(join(keys, `${purpose}.key`), 'utf8'))
  return signerFromSeed(decodeBase64Url(isJsonObject(file) ? String(file.seed) : ''))
}
