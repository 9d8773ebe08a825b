import { canonicalize } from '../canonical.ts'
import { ProtocolError } from '../error.ts'
import { digestOf } from '../hash.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'
import { exchangeContextDocument } from './exchange.ts'
import { exchangeContext } from './name.ts'
import { contextPins } from './pin.ts'

/** Expands one document, or throws. Made by `openExpander`. */
export type Expand = (document: JsonObject) => Promise<void>

/**
 * Opens the JSON-LD processor, which costs a tenth of a second and is needed for publication alone, never to verify.
 *
 * The returned function proves that the document is sound JSON-LD: expansion in safe mode loses nothing and finds
 * every term in a pinned context. It does not check the schema or any proof.
 *
 * @throws {ProtocolError} `CONTEXT_NOT_ALLOWED` — a context that is not pinned, or whose bytes are not the pinned ones;
 *   `TERM_UNDEFINED` — safe mode found something that expansion would drop
 * @see spec/record.md, REC-5
 */
export async function openExpander(): Promise<Expand> {
  const [{ default: jsonld }, { contexts }] = await Promise.all([
    import('jsonld'),
    import('@digitalbazaar/credentials-context'),
  ])
  const documents = new Map<string, JsonValue>()
  for (const [iri, pin] of contextPins) {
    const known: unknown = iri === exchangeContext ? exchangeContextDocument : contexts.get(iri)
    const document = asJson(known)
    if (digestOf(canonicalize(document)) !== pin) {
      throw new ProtocolError(
        'CONTEXT_NOT_ALLOWED',
        'the context in this installation is not the pinned one',
        {
          evidence: { context: iri, pin, digest: digestOf(canonicalize(document)) },
        },
      )
    }
    documents.set(iri, document)
  }
  const documentLoader = (url: string) => {
    const document = documents.get(url)
    if (!isJsonObject(document)) {
      return Promise.reject(
        new ProtocolError('CONTEXT_NOT_ALLOWED', 'a context that is not pinned', {
          evidence: { context: url },
        }),
      )
    }
    // The tag lets jsonld share the processed context between calls.
    return Promise.resolve({ documentUrl: url, document: { ...document }, tag: 'static' as const })
  }
  return async (document) => {
    try {
      await jsonld.expand({ ...document }, { safe: true, base: null, documentLoader })
    } catch (cause) {
      throw new ProtocolError('TERM_UNDEFINED', 'not sound JSON-LD under the allowed contexts', {
        cause,
        evidence: { reason: cause instanceof Error ? cause.message : String(cause) },
      })
    }
  }
}

function asJson(value: unknown): JsonValue {
  const copy: JsonValue = JSON.parse(JSON.stringify(value ?? null))
  return copy
}
