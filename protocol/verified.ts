declare const verified: unique symbol

/**
 * A value that a verifier has proven. The only maker is `protocol/verify.ts`; the read model takes nothing else,
 * so that unverified data cannot reach it by mistake.
 */
export type Verified<T> = T & { readonly [verified]: true }
