/** What folds to nothing in a name of a quantity or a unit: blanks, and marks that do not tell names apart. */
const ignored = /[\s\u3000]+/g

/**
 * The one spelling of a unit: full-width and squared forms become what they stand for (`㎡` and `m²` are `m2`), every middle dot and
 * multiplication sign is `·`, every slash is `/`.
 */
export function foldUnitText(text: string): string {
  return text
    .normalize('NFKC')
    .replace(ignored, '')
    .replace(/[·•‧∙⋅・･×*]/g, '·')
    .replace(/[∕⁄÷]/g, '/')
}

/**
 * Names of one quantity that differ in width, blanks, letter case or brackets are one. A mark between letters or digits tells names
 * apart: `PM1.0` is not `PM10`.
 */
export function foldQuantity(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(ignored, '')
    .replace(/[()（）[\]【】“”"'‘’、，。：；;]/g, '')
    .replace(/(?<![a-z0-9])[.,:_-]+|[.,:_-]+(?![a-z0-9.,:_-])/g, '')
}
