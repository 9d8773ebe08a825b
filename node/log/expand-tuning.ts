import { createRequire } from 'node:module'

/** What the JSON-LD processor keeps while it expands; the part that matters here. */
interface ActiveContext {
  readonly mappings: ReadonlyMap<string, unknown>
  readonly protected: object
  readonly previousContext?: ActiveContext
}

interface ContextModule {
  getInitialContext(options: { readonly processingMode?: string }): ActiveContext
}

/**
 * Makes the JSON-LD processor share term definitions between contexts instead of copying them.
 *
 * The credentials context has contexts scoped to types, so every object inside a record goes back to the one before, and the
 * processor copies its hundreds of definitions each time: half the cost of expansion. Definitions are never changed once made, so
 * sharing them changes no result; the test compares with an untouched copy of the processor.
 */
export function shareDefinitions(): void {
  const contexts: ContextModule = createRequire(import.meta.url)('jsonld/lib/context.js')
  for (const options of [{}, { processingMode: 'json-ld-1.1' }])
    Object.assign(contexts.getInitialContext(options), { clone, revertToPreviousContext })
}

function clone(this: ActiveContext): ActiveContext {
  return { ...this, mappings: new Map(this.mappings), protected: { ...this.protected }, ...{ inverse: null } }
}

function revertToPreviousContext(this: ActiveContext): ActiveContext {
  return this.previousContext ?? this
}
