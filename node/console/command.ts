import type { Text } from '../../protocol/verdict.ts'
import { html, type Markup, say } from './markup.ts'
import type { Site } from './page.ts'

/** As a shell takes it for one word. */
export function quoteArgument(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** A command line out of words; what begins with a dash and is no flag of ours would be taken for one. */
export function commandLine(words: readonly string[]): string {
  return words.map(quoteArgument).join(' ')
}

/** What every command at one's own node has. */
export function atOwnNode({ base }: Pick<Site, 'base'>): readonly string[] {
  return ['--node', base.url, '--token-file', 'operator.token']
}

/** A line to be pasted into a terminal. */
export function formatCommand(label: Text, command: string): Markup {
  return html`<div class="do"><p>${say(label)}</p>
<pre class="command" tabindex="0" role="region" aria-label="${label.zh}"><code>${command}</code></pre></div>`
}
