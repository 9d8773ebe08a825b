import { ProtocolError } from '../protocol/error.ts'
import { parseJson } from '../protocol/json.ts'
import { isJsonObject } from '../protocol/json-value.ts'
import type { Agreement } from '../protocol/record/agreement.ts'
import { fetchAgreement } from './agreement.ts'
import { textsOf } from './answer.ts'
import { type Client, countOf, parseAnswer, textOf } from './client.ts'
import { type Exit, exits, usageError } from './exit.ts'
import { readInput } from './file.ts'
import { openOperator, postJson } from './operator.ts'
import { escapeText, formatDone } from './print.ts'
import type { World } from './world.ts'

export interface ActFlags {
  readonly node: string
  readonly tokenFile: string
  readonly tier?: string
  readonly reason?: string
  readonly digest?: string
  /** The digest, where nobody is there to type it. */
  readonly yes?: string
}

/**
 * `csx agreement propose FILE`: shows the statement as the node words it, and signs the text of the file and no other.
 *
 * @see protocol/spec/agreement.md, AGREE-100 and AGREE-112
 */
export async function runPropose(file: string, flags: ActFlags, world: World): Promise<Exit> {
  const { agreementDigest } = await import('../protocol/record/agreement-rule.ts')
  if (flags.tier !== undefined && flags.tier !== 'public' && flags.tier !== 'pair')
    throw usageError('--tier 为 public 或 pair / --tier is public or pair')
  const agreement = await readAgreement(file, world)
  const digest = agreementDigest(agreement)
  const client = await openOperator(flags, world)
  const statement = await fetchStatement(client, agreement, digest)
  await confirm(statement, digest, { flags, world })
  const tier = flags.tier === undefined ? {} : { tier: flags.tier }
  return act({ act: 'propose', id: agreement.id, digest, agreement, ...tier }, client, world)
}

async function readAgreement(file: string, world: World): Promise<Agreement> {
  const { recognitionAgreement, interconnectionAgreement, reuseAgreement } = await import(
    '../protocol/record/agreement.ts'
  )
  const { parseWith } = await import('../protocol/record/schema.ts')
  const value = parseJson(await readInput(file, 1 << 20, world), 1 << 20)
  const kind = isJsonObject(value) ? value.kind : undefined
  const schema =
    kind === 'interconnection'
      ? interconnectionAgreement
      : kind === 'reuse'
        ? reuseAgreement
        : recognitionAgreement
  return parseWith<Agreement>(schema, value)
}

/** The node has the names; which text it words, its digest says. */
async function fetchStatement(
  client: Client,
  agreement: Agreement,
  digest: string,
): Promise<readonly string[]> {
  const answer = parseAnswer(await postJson(client, '/api/v1/agreements/statement', { agreement }))
  const statement = textsOf(answer, 'statement')
  if (textOf(answer, 'digest') === digest && statement.some((line) => line.includes(digest))) return statement
  throw new ProtocolError(
    'ATTESTATION_MISMATCH',
    '节点所示全文不是该文件，未签署 / the node shows another text; nothing was signed',
    {
      evidence: { digest },
    },
  )
}

/** `csx agreement accept | reject | withdraw ID`: as `propose`, about the agreement that the node shows. */
export async function runAct(
  word: 'accept' | 'reject' | 'withdraw',
  id: string,
  { flags, world }: { readonly flags: ActFlags; readonly world: World },
): Promise<Exit> {
  const client = await openOperator(flags, world)
  const view = await fetchAgreement(client, id, { digest: flags.digest })
  const digest = textOf(view, 'digest')
  await confirm(textsOf(view, 'statement'), digest, { flags, world })
  const reason = flags.reason === undefined ? {} : { reason: flags.reason }
  return act({ act: word, id, digest, ...reason }, client, world)
}

/** Nothing is signed that was not shown: the one who signs types the end of the digest that he saw. */
async function confirm(
  statement: readonly string[],
  digest: string,
  { flags, world }: { readonly flags: ActFlags; readonly world: World },
): Promise<void> {
  world.err(statement.map((line) => `${escapeText(line)}\n`).join(''))
  const tail = digest.slice(-8)
  const given =
    flags.yes ??
    (world.inIsTerminal
      ? await world.askLine(`核对无误，请输入摘要末8位签署 / to sign, type the last 8 digits of the digest: `)
      : undefined)
  if (given === undefined)
    throw usageError('无终端时须以 --yes <摘要> 确认 / without a terminal, confirm by --yes <digest>')
  const agrees = flags.yes === undefined ? given.trim() === tail : given === digest
  if (!agrees)
    throw new ProtocolError(
      'ATTESTATION_MISMATCH',
      '与所示摘要不符，未签署 / not the digest of what was shown; nothing was signed',
      {
        evidence: { digest },
      },
    )
}

async function act(body: object, client: Client, world: World): Promise<Exit> {
  const answer = parseAnswer(await postJson(client, '/api/v1/agreements/acts', body))
  const place = `${textOf(answer, 'origin')} #${countOf(answer, 'index')}`
  const done = formatDone(`已签署并记入日志：${place}`, `signed and logged: ${place}`)
  world.out(`${escapeText(done)}\n`)
  return exits.verified
}
