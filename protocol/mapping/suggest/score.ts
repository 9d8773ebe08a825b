import type { Words } from '../limit/words.ts'

export interface Score {
  /** From 0 to 1 with two digits, as text: it orders and is shown, and nobody computes with it. */
  readonly score: string
  readonly reason: Words
}

/** In hundredths, so that two machines order alike what differs in the last bit. */
export function hundredths(value: number): number {
  return Math.round(value * 100)
}

export function describeScore(value: number, words: readonly Words[]): Score {
  return {
    score: formatShare(value),
    reason: { zh: words.map(({ zh }) => zh).join('；'), en: words.map(({ en }) => en).join('; ') },
  }
}

export function formatShare(value: number): string {
  return (hundredths(value) / 100).toFixed(2)
}

/** How much of two lists is in both. */
export function overlapOf(
  a: readonly string[],
  b: readonly string[],
): { readonly share: number; readonly both: readonly string[] } {
  const [one, other] = [new Set(a), new Set(b)]
  const both = [...one].filter((each) => other.has(each))
  const all = new Set([...one, ...other]).size
  return { share: all === 0 ? 0 : both.length / all, both }
}
