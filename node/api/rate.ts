import type { OpenAPIHono } from '@hono/zod-openapi'
import { isDigest } from '../../protocol/hash.ts'
import { period as periodForm } from '../../protocol/record/implementation-report.ts'
import type { RateReader } from '../projection/rate.ts'
import type { MappingApiOptions } from './mapping.ts'
import { invalid, readParameters } from './query.ts'
import { rateRoute } from './rate-route.ts'

export interface RateApiOptions extends Pick<MappingApiOptions, 'readingOf'> {
  readonly rates: RateReader
}

/**
 * `GET /rate`.
 *
 * @see spec/rate.md, RATE-24
 */
export function mountRate(app: OpenAPIHono, { rates, readingOf }: RateApiOptions): void {
  app.openAPIRegistry.registerPath(rateRoute)
  app.get('/rate', async (context) => {
    const parameters = readParameters(context, ['period', 'compare', 'agency', 'indicator'])
    const period = parameters.get('period')
    const compare = parameters.get('compare')
    const [agency, indicator] = [parameters.get('agency'), parameters.get('indicator')]
    if (period === undefined || !isPeriod(period)) throw invalid('period', 'is a quarter, 2026-Q1')
    if (compare !== undefined && !isPeriod(compare)) throw invalid('compare', 'is a quarter, 2026-Q1')
    if (indicator !== undefined && !isDigest(indicator)) throw invalid('indicator', 'is the digest of a set')
    const { scope } = await readingOf('GET /api/v1/rate', context.req.raw)
    const answer = await rates.read(
      {
        period,
        ...(agency === undefined ? {} : { agency }),
        ...(compare === undefined ? {} : { compare }),
        ...(indicator === undefined ? {} : { indicator }),
      },
      scope,
    )
    return context.json({ ...answer })
  })
}

function isPeriod(text: string): boolean {
  return periodForm.safeParse(text).success
}
