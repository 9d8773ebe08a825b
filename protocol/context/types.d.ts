// Neither package ships types; only what is used is declared.
declare module '@digitalbazaar/credentials-context' {
  export const contexts: ReadonlyMap<string, object>
}

declare module 'jsonld' {
  interface LoadedDocument {
    readonly documentUrl: string
    readonly document: object
    readonly tag: 'static'
  }
  interface ExpandOptions {
    readonly safe: true
    readonly base: string | null
    readonly documentLoader: (url: string) => Promise<LoadedDocument>
  }
  const jsonld: { expand(document: object, options: ExpandOptions): Promise<readonly object[]> }
  export default jsonld
}
