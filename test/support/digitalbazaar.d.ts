// The oracles of the differential tests ship no types.
declare module '@digitalbazaar/vc' {
  export function verifyCredential(
    options: object,
  ): Promise<{ verified: boolean; error?: { errors?: unknown[] } }>
  export function issue(options: object): Promise<any>
}
declare module '@digitalbazaar/data-integrity' {
  export class DataIntegrityProof {
    constructor(options: object)
  }
}
declare module '@digitalbazaar/eddsa-jcs-2022-cryptosuite' {
  export function createSignCryptosuite(): any
  export function createVerifyCryptosuite(): any
}
declare module '@digitalbazaar/eddsa-rdfc-2022-cryptosuite' {
  export const cryptosuite: any
}
declare module '@digitalbazaar/ed25519-multikey' {
  export function from(key: object): Promise<any>
  export function generate(options: object): Promise<any>
}
declare module '@digitalbazaar/data-integrity-context' {
  const context: { contexts: Map<string, object> }
  export default context
}
declare module '@digitalbazaar/multikey-context' {
  const context: { contexts: Map<string, object> }
  export default context
}
