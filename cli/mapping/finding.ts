import { ProtocolError } from '../../protocol/error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json-value.ts'
import { type Client, countOf, parseAnswer, textOf } from '../client.ts'
import { type Exit, exits } from '../exit.ts'
import { escapeJson, escapeText, formatDone } from '../print.ts'
import type { World } from '../world.ts'
import { type MappingFlags, mappingPath, objectsIn, openClient } from './workspace.ts'

/** What rules have against rows, and how much more there is than is listed. */
export interface ShownFindings {
  readonly findings: readonly JsonObject[]
  readonly omitted: number
}

export interface ShownCheck extends ShownFindings {
  /** What there would be besides, were all accepted that is in review. */
  readonly ifAccepted: ShownFindings
}

const severities: Readonly<Record<string, string>> = {
  error: '✗ 错误 / error',
  warning: '! 提醒 / warning',
}

/**
 * `csx mapping check`: what rules M1 to M7 have against the rows of a project, each with the rows that make it and what puts it right.
 * Exit 1 where an accepted row is at fault: no recognition is drafted from it.
 *
 * @see protocol/spec/workspace.md, WORK-43
 */
export async function runCheck(project: string, flags: MappingFlags, world: World): Promise<Exit> {
  const client = await openClient(flags, world)
  const { answer, check } = await fetchCheck(client, project)
  const exit = errorsIn(check).length > 0 ? exits.rejected : exits.verified
  if (flags.json) {
    world.out(`${escapeJson(JSON.stringify(answer))}\n`)
    return exit
  }
  const { ifAccepted } = check
  const lines = [
    ...describeFindings(check),
    ...(countAll(ifAccepted) === 0
      ? []
      : [
          `待审行若全部通过，还会有${countAll(ifAccepted)}处 / were all accepted that is in review, there would be ${countAll(ifAccepted)} more`,
          ...describeFindings(ifAccepted),
        ]),
  ]
  world.out(
    lines.length === 0
      ? `${formatDone('各行符合规则 M1 至 M7', 'the rows keep rules M1 to M7')}\n`
      : lines.map((line) => `${escapeText(line)}\n`).join(''),
  )
  return exit
}

async function fetchCheck(
  client: Client,
  project: string,
): Promise<{ readonly answer: JsonObject; readonly check: ShownCheck }> {
  const bytes = await client.call(`${mappingPath(project)}/findings`, {
    maxBytes: 16 << 20,
    timeout: 120_000,
  })
  const answer = parseAnswer(bytes)
  const { ifAccepted } = answer
  return {
    answer,
    check: { ...findingsIn(answer), ifAccepted: findingsIn(isJsonObject(ifAccepted) ? ifAccepted : {}) },
  }
}

/** Beside something else that was asked for, which stands whether or not this can be told. */
export async function readCheck(client: Client, project: string): Promise<ShownCheck | undefined> {
  try {
    return (await fetchCheck(client, project)).check
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

export function findingsIn(answer: JsonObject): ShownFindings {
  return {
    findings: objectsIn(answer.findings),
    omitted: answer.omitted === undefined ? 0 : countOf(answer, 'omitted'),
  }
}

/** Those that an accepted row is at fault for. */
export function errorsIn({ findings }: ShownFindings): readonly JsonObject[] {
  return findings.filter(({ severity }) => severity === 'error')
}

export function countAll({ findings, omitted }: ShownFindings): number {
  return findings.length + omitted
}

/** `✗ 错误 / error  M3  r4  …  → …`, errors first. */
export function describeFindings({ findings, omitted }: ShownFindings): readonly string[] {
  const sorted = [...findings].sort((a, b) => weightOf(a) - weightOf(b))
  return [
    ...sorted.map(
      (finding) =>
        `  ${severities[textOf(finding, 'severity')] ?? textOf(finding, 'severity')}  ${textOf(finding, 'rule')}  ${rowsOf(finding).join(' ')}  ${wordsIn(finding.sentence)}  → ${wordsIn(finding.repair)}`,
    ),
    ...(omitted > 0 ? [`  另有${omitted}处未列 / and ${omitted} more`] : []),
  ]
}

export function rowsOf({ rows }: JsonObject): readonly string[] {
  return Array.isArray(rows) ? rows.filter((row) => typeof row === 'string') : []
}

function weightOf({ severity }: JsonObject): number {
  return severity === 'error' ? 0 : 1
}

function wordsIn(value: JsonValue | undefined): string {
  return isJsonObject(value) ? `${textOf(value, 'zh')} / ${textOf(value, 'en')}` : ''
}
