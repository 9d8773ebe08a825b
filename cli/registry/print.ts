import { ProtocolError } from '../../protocol/error.ts'
import type { Change } from '../../protocol/trust/value-difference.ts'
import { type Exit, exitOf, exits } from '../exit.ts'
import { escapeText, formatError } from '../print.ts'
import type { World } from '../world.ts'

/** What rewrites the past begins with `!`. */
export function printChanges(changes: readonly Change[], world: World): void {
  if (changes.length === 0) world.out('  没有改动 / nothing changes\n')
  for (const { zh, en, history } of changes)
    world.out(`${escapeText(`${history ? '! 改写历史 / rewrites the past: ' : '  '}${zh} / ${en}`)}\n`)
}

/**
 * Nothing here waits for a network: what a command of the ceremony refuses is refused, and a member that is not there was mistyped.
 *
 * @see protocol/spec/registry.md, REG-28
 */
export async function decide(work: Promise<Exit>, world: World): Promise<Exit> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof ProtocolError) || exitOf(error) !== exits.undecided) throw error
    world.err(`${formatError(error)}\n`)
    return error.code === 'NOT_A_MEMBER' ? exits.usage : exits.rejected
  }
}
