import type { Digest } from '../../protocol/hash.ts'
import { hasRecord } from './client.ts'
import { type Desk, openDesk } from './desk.ts'
import { publishAt } from './publishing.ts'
import { playConsent } from './recognition-consent.ts'
import { draftOf } from './recognition-draft.ts'
import { playEnd } from './recognition-end.ts'
import { playMapping } from './recognition-mapping.ts'
import { type Known, type Recognising, readStory } from './recognition-story.ts'
import { playUse } from './recognition-use.ts'
import { type Setting, until } from './setting.ts'

/** Two agencies map their standards on one another, recognise each other's, and one of the standards is replaced. */
export async function playRecognition(setting: Setting): Promise<void> {
  const { stage, root, cast } = setting
  const story = await readStory(root)
  const [bishan, meishan] = await Promise.all([
    openDesk(setting, cast.bishan),
    openDesk(setting, cast.meishan),
  ])
  const desks = { bishan, meishan }
  const [editions, basis] = await stage.step(
    '互认之前：双方各发布物业、公务用车两项标准（条款与限值为合成样例），璧山发布依据文件',
    'before a recognition: each publishes two editions with clauses and limits (synthetic), one the basis document',
    async (note) => {
      const known = new Map<string, Known>()
      for (const edition of story.editions) {
        const { number, said, by, key } = edition
        known.set(key, await publishAt(desks[by], key, draftOf(edition)))
        note(`${desks[by].place.zh}：${number} ${String(said.titleZh)}`)
      }
      const basisDraft = {
        type: 'BasisDocument',
        tier: 'public',
        synthetic: true,
        credentialSubject: story.basis,
      }
      const document = await publishAt(bishan, 'basis', basisDraft)
      note(`依据文件 / basis document: ${story.basis.documentNo}（合成样例）`)
      for (const { digest } of [...known.values()])
        await until(async () => (await seen(desks, digest)).every(Boolean), 20_000)
      return [known, document] as const
    },
  )
  const given: Recognising = { setting, story, ...desks, editions, basis }
  await playMapping(given)
  const id = await playConsent(given)
  await playEnd(given, { id, reuse: await playUse(given, id) })
}

function seen({ bishan, meishan }: { bishan: Desk; meishan: Desk }, digest: Digest) {
  return Promise.all([bishan, meishan].map(({ place }) => hasRecord(place, digest)))
}
