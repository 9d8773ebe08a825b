import { setTimeout as sleep } from 'node:timers/promises'
import type { Ceremony } from './ceremony.ts'
import type { Cast } from './network.ts'
import type { DemoNode } from './process.ts'
import { formatTime, type Stage } from './stage.ts'
import type { TwoFaced } from './two-faced.ts'

/** What every scene of the demo plays with. */
export interface Setting {
  readonly stage: Stage
  /** The package. */
  readonly root: string
  readonly scratch: string
  readonly cast: Cast
  readonly nodes: readonly DemoNode[]
  readonly ceremony: Ceremony
  readonly twoFaced: TwoFaced
  /** Where what is worth keeping stays after the demo. */
  readonly kept: string
}

export async function until(reached: () => Promise<boolean>, patience: number): Promise<void> {
  const end = performance.now() + patience
  while (!(await reached())) {
    if (performance.now() > end) throw new Error(`not reached within ${formatTime(patience)}`)
    await sleep(25)
  }
}
