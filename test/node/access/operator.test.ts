import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bringsPassword, bringsToken } from '../../../node/access/operator.ts'

const token = 'synthetic:operator-token'
const basic = (pair: string) => `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`

describe('the operator’s token as a password', () => {
  test('[CONSOLE-20] whoever the user is, also where the token has a colon', () => {
    for (const user of ['', 'admin', '机关', 'a b'])
      expect(bringsPassword(basic(`${user}:${token}`), token)).toBe(true)
    expect(bringsPassword(basic(`x:${token}`).replace('Basic', 'basic'), token)).toBe(true)
    // RFC 9110, 11.4: one blank or more.
    expect(bringsPassword(basic(`x:${token}`).replace(' ', '   '), token)).toBe(true)
  })

  test.each([
    ['another password', basic('x:other-token')],
    ['no colon', basic(token.replace(':', ''))],
    ['the token as user', basic(`${token}:`)],
    ['a longer one', basic(`x:${token} `)],
    ['not base64', `Basic ${token}`],
    ['another scheme', `Digest ${Buffer.from(`x:${token}`).toString('base64')}`],
    ['a bearer', `Bearer ${token}`],
    ['two', `${basic(`x:${token}`)}, ${basic(`x:${token}`)}`],
    ['too long', basic(`${'x'.repeat(4000)}:${token}`)],
    ['nothing', 'Basic '],
  ])('[CONSOLE-20] %s is refused', (_name, header) => {
    expect(bringsPassword(header, token)).toBe(false)
  })

  test('[CONSOLE-21] the password is no bearer token, whatever it is', () => {
    expect(bringsToken(basic(`x:${token}`), token)).toBe(false)
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(bringsPassword(text, token) && bringsToken(text, token)).toBe(false)
        expect(bringsPassword(basic(`u:${text}`), token)).toBe(text === token)
      }),
    )
  })
})
