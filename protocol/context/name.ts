/** W3C Verifiable Credentials Data Model 2.0, section 4.3. */
export const credentialsContext = 'https://www.w3.org/ns/credentials/v2'

/** Ours. Not registered yet: programs take it from this package or from `/ns/v1` of a node, by digest. */
export const exchangeContext = 'https://w3id.org/chuanyu-standards/v1'

/** The only `@context` a record may have, in this order. */
export const recordContexts = [credentialsContext, exchangeContext] as const

export const vocabulary = `${exchangeContext}#`
