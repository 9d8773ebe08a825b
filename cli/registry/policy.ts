import type { Registry } from '../../protocol/trust/registry.ts'
import { usageError } from '../exit.ts'

/** The witnesses of both bureaus, in the syntax of C2SP tlog-policy, each with all the keys that it ever had. */
export function bureauPolicy({ members }: Registry, bureaus: readonly string[]): string {
  const names = bureaus.map((_, i) => `bureau-${i + 1}`)
  const keys = bureaus.map((bureau) => {
    const { cosigners = [] } = members.find(({ id }) => id === bureau) ?? {}
    return cosigners.filter(({ name }) => name.endsWith('/witness')).map(({ key }) => key)
  })
  const plain = keys.map(([first], i) => {
    if (first === undefined) throw usageError('两局都须先加入，各有见证密钥 / add both bureaus first')
    return `witness ${names[i]} ${first}\n`
  })
  const policy = `${plain.join('')}group bureaus all ${names.join(' ')}\nquorum bureaus\n`
  return keys.reduce(
    (text, own) => own.slice(1).reduce((grown, key) => addWitnessKey(grown, own, key), text),
    policy,
  )
}

/**
 * Adds a key to a witness of a policy: wherever the witness is counted, either of its keys counts. The old one stays, for what it signed;
 * the registry says when each counts. A policy that names none of the old keys stays as it is.
 *
 * @param old the keys that the witness has had, the first one first
 * @see protocol/spec/registry.md, REG-24
 */
export function addWitnessKey(policy: string, old: readonly string[], added: string): string {
  const lines = policy.split('\n')
  const find = (key: string) =>
    lines.findIndex((line) => wordsOf(line)[0] === 'witness' && wordsOf(line)[2] === key)
  const at = old.map(find).find((line) => line >= 0) ?? -1
  const name = wordsOf(lines[at] ?? '')[1]
  if (name === undefined || find(added) >= 0) return policy
  const taken = new Set(lines.flatMap(wordsOf))
  const fresh = freshName(`${name}-key`, taken)
  const either = lines.findIndex((line) => isEither(line, name))
  if (either >= 0)
    return [
      ...lines.slice(0, either),
      `witness ${fresh} ${added}`,
      `${(lines[either] ?? '').trimEnd()} ${fresh}`,
      ...lines.slice(either + 1),
    ].join('\n')
  const group = freshName(`${name}-any`, taken)
  const rest = lines.slice(at + 1).map((line) => (isUse(line) ? replaceName(line, name, group) : line))
  return [
    ...lines.slice(0, at + 1),
    `witness ${fresh} ${added}`,
    `group ${group} any ${name} ${fresh}`,
    ...rest,
  ].join('\n')
}

function wordsOf(line: string): readonly string[] {
  return line.split(/[ \t]+/).filter((word) => word !== '')
}

/** The group that an earlier rotation of this witness made. */
function isEither(line: string, name: string): boolean {
  const [keyword, group = '', threshold, first] = wordsOf(line)
  return keyword === 'group' && threshold === 'any' && first === name && group.startsWith(`${name}-any-`)
}

function isUse(line: string): boolean {
  const [keyword] = wordsOf(line)
  return keyword === 'group' || keyword === 'quorum'
}

/** Where it is counted; what a group is called, and its threshold, stay. */
function replaceName(line: string, name: string, by: string): string {
  const words = wordsOf(line)
  const first = words[0] === 'group' ? 3 : 1
  return words.map((word, i) => (i >= first && word === name ? by : word)).join(' ')
}

function freshName(stem: string, taken: ReadonlySet<string>): string {
  let n = 2
  while (taken.has(`${stem}-${n}`)) n += 1
  return `${stem}-${n}`
}
