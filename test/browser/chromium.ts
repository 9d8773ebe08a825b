import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

/** Debian's browser; elsewhere these tests say that they did not run. */
export const executablePath = '/usr/bin/chromium'
export const hasChromium = existsSync(executablePath)

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Browsing {
  readonly context: BrowserContext
  readonly address: string
  /** Whatever the browser complained about, and every address it asked for. */
  readonly complaints: string[]
  readonly requests: string[]
  open(path: string): Promise<Page>
  close(): Promise<void>
}

/** A server on loopback and a browser with a profile of its own. */
export async function browse(
  app: Hono,
  {
    width,
    height = 900,
    javaScript = true,
    password,
  }: { width: number; height?: number; javaScript?: boolean; password?: string },
): Promise<Browsing> {
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const starting = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () => resolve(starting))
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const profile = await mkdtemp(join(tmpdir(), 'csx-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: flags,
    viewport: { width, height },
    javaScriptEnabled: javaScript,
    locale: 'zh-CN',
    ...(password === undefined ? {} : { httpCredentials: { username: '', password } }),
  })
  const complaints: string[] = []
  const requests: string[] = []
  context.on('request', (request) => requests.push(request.url()))
  context.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`))
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  const [page = await context.newPage()] = context.pages()
  return {
    context,
    address,
    complaints,
    requests,
    open: async (path) => {
      await page.goto(`${address}${path}`)
      return page
    },
    close: async () => {
      await context.close()
      await new Promise((resolve) => server.close(resolve))
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

interface PageAnswers {
  readonly focused: { readonly text: string; readonly outline: string; readonly left: number }
  readonly smuggle: { readonly title: string; readonly display: string }
  readonly survey: { readonly texts: number; readonly overflow: number } & Readonly<
    Record<'pale' | 'nameless' | 'small' | 'wide' | 'unmarked', readonly string[]>
  >
}

const script = readFileSync(new URL('page-script.js', import.meta.url), 'utf8')

/** Measures inside the page; the browser does it from outside, so no policy of the page is loosened for it. */
export async function runInPage<K extends keyof PageAnswers>(page: Page, name: K): Promise<PageAnswers[K]> {
  return page.evaluate<PageAnswers[K]>(`${script}\n;globalThis.csxPage.${name}()`)
}
