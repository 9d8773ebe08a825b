import type { Change } from '../../protocol/trust/difference.ts'
import { escapeText } from '../print.ts'
import type { World } from '../world.ts'

/** What rewrites the past begins with `!`. */
export function printChanges(changes: readonly Change[], world: World): void {
  if (changes.length === 0) world.out('  没有改动 / nothing changes\n')
  for (const { zh, en, history } of changes)
    world.out(`${escapeText(`${history ? '! 改写历史 / rewrites the past: ' : '  '}${zh} / ${en}`)}\n`)
}
