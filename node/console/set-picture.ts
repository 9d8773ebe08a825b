import { type Relation, relations } from '../../protocol/record/mapping-word.ts'
import { pictureWords } from './mapping-text.ts'
import { html, type Markup, say } from './markup.ts'

type Drawn = Relation | 'unstated'

interface Circle {
  readonly of: 'a' | 'b'
  readonly x: number
  readonly r: number
}

/** What meets A and what meets B, as sets: the stricter requirement is the smaller set. */
const circles: Readonly<Record<Drawn, readonly Circle[]>> = {
  equal: [
    { of: 'b', x: 100, r: 45 },
    { of: 'a', x: 100, r: 42 },
  ],
  equivalent: [
    { of: 'b', x: 100, r: 45 },
    { of: 'a', x: 100, r: 42 },
  ],
  superset: [
    { of: 'b', x: 100, r: 46 },
    { of: 'a', x: 112, r: 24 },
  ],
  subset: [
    { of: 'a', x: 100, r: 46 },
    { of: 'b', x: 112, r: 24 },
  ],
  intersects: [
    { of: 'a', x: 75, r: 42 },
    { of: 'b', x: 125, r: 42 },
  ],
  related: [
    { of: 'a', x: 46, r: 34 },
    { of: 'b', x: 154, r: 34 },
  ],
  conflict: [
    { of: 'a', x: 50, r: 42 },
    { of: 'b', x: 150, r: 42 },
  ],
  none: [{ of: 'a', x: 100, r: 42 }],
  broader: [],
  narrower: [],
  unstated: [],
}

/** The relation as two circles, with the same in words beside it. */
export function formatPicture(stated: Drawn): Markup {
  // A record of a newer program may state another.
  const relation: Drawn = Object.hasOwn(circles, stated) ? stated : 'unstated'
  const words = pictureWords[relation]
  const drawn = circles[relation]
  const title = relation === 'unstated' ? words.zh : `${relations[relation].zh}：${words.zh}`
  return html`<figure class="sets">
${
  drawn.length === 0
    ? undefined
    : html`<svg viewbox="0 0 200 100" role="img" aria-label="${title}">${
        relation === 'related' ? html`<path d="M80 50H120"></path>` : undefined
      }${drawn.map(({ of, x, r }) => html`<circle class="${of}" cx="${x}" cy="50" r="${r}"></circle>`)}${drawn.map(
        (circle) =>
          html`<text x="${labelAt(circle, relation)}" y="55">${circle.of === 'a' ? '甲' : '乙'}</text>`,
      )}</svg>`
}
<figcaption>${say(words)}</figcaption>
</figure>`
}

/** Where both circles have one middle the names stand apart. */
function labelAt({ of, x, r }: Circle, relation: Drawn): number {
  if (relation === 'equal' || relation === 'equivalent') return of === 'a' ? x - 18 : x + 18
  if (relation === 'superset' || relation === 'subset') return r > 30 ? x - 30 : x
  if (relation === 'intersects') return of === 'a' ? x - 18 : x + 18
  return x
}
