/**
 * What a record names, from its canonical JSON: each text in it as a whole, and of `<id>#<uid>` what stands before the sign, as a clause
 * is named. Canonical JSON has one spelling for an id, a digest or a number, and none has a character that it escapes, so what is not
 * among these is not named. One pass, whatever the texts are.
 *
 * @param visit gets the text, and whether it is the canonical key of a standard number
 */
export function visitNames(words: string, visit: (text: string, isNumber: boolean) => void): void {
  for (let at = words.indexOf('"'); at >= 0; ) {
    const end = endOfText(words, at + 1)
    if (end < 0) return
    const text = words.slice(at + 1, end)
    visit(text, words.startsWith(numberMember, at - numberMember.length))
    const hash = text.indexOf('#')
    if (hash > 0) visit(text.slice(0, hash), false)
    at = words.indexOf('"', end + 1)
  }
}

const numberMember = '"canonicalKey":'

/** The next quote that no odd run of backslashes stands before. */
function endOfText(words: string, from: number): number {
  for (let end = words.indexOf('"', from); end >= 0; end = words.indexOf('"', end + 1)) {
    let first = end
    while (first > from && words.charCodeAt(first - 1) === 0x5c) first -= 1
    if ((end - first) % 2 === 0) return end
  }
  return -1
}
