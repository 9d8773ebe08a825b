import type { Coverage, CoverageClass } from '../../protocol/mapping/compare/coverage.ts'
import { formatCount } from './display.ts'
import { coverageWords, mappingText as text } from './mapping-text.ts'
import { html, type Markup, say } from './markup.ts'

const classes = ['accepted', 'inReview', 'draft', 'conflicting', 'noCounterpart', 'notCompared'] as const

/** The five of every bar, and drafts where there are any. */
function partsOf({ draft }: Coverage): readonly CoverageClass[] {
  return classes.filter((name) => name !== 'draft' || draft > 0)
}

/** The bar, and under it the figures that it draws: nothing is said by colour alone. */
export function formatCoverage(coverage: Coverage): Markup {
  const { total, accepted, conflicting, noCounterpart } = coverage
  const share = accepted + conflicting + noCounterpart
  const parts = partsOf(coverage)
  const words = parts.map((part) => `${coverageWords[part].zh}${formatCount(coverage[part])}`).join('，')
  return html`<div class="coverage">
${total === 0 ? undefined : drawBar(coverage, words)}
<dl class="legend">
${parts.map((part) => html`<div class="${part}"><dt>${say(coverageWords[part])}</dt><dd>${formatCount(coverage[part])}</dd></div>`)}
<div class="total"><dt>${say(text.share)}</dt><dd>${formatCount(share)} / ${formatCount(total)}${total === 0 ? undefined : html`<span class="quiet">（${showShare(share, total)}）</span>`}</dd></div>
</dl>
</div>`
}

/** The bar is redrawn for whoever looks at it; who does not is told the same figures below. */
function drawBar(coverage: Coverage, words: string): Markup {
  let left = 0
  const bars = partsOf(coverage).map((part) => {
    const width = (coverage[part] * 1000) / coverage.total
    const bar =
      width === 0
        ? undefined
        : html`<rect class="${part}" x="${left.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="20"></rect>`
    left += width
    return bar
  })
  return html`<svg class="bar" viewbox="0 0 1000 20" preserveaspectratio="none" role="img" aria-label="${words}">${bars}</svg>`
}

/** Rounded half up to 0.01 %, for display alone. */
export function showShare(numerator: number, denominator: number): string {
  const hundredths = Math.floor((numerator * 20_000 + denominator) / (2 * denominator))
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}%`
}
