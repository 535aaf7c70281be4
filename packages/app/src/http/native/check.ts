import { fromRefText } from '@pawl/core';
import type { CheckResult } from '@pawl/core';
import type { CheckService, DatasetService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { digestSchema, jsonObjectSchema, jsonSchema, pageFrom, pageOf, pageQuery, timeSchema, toTime } from './schema.ts';

const expectationSchema = z.object({ type: z.string(), kwargs: jsonObjectSchema, severity: z.enum(['critical', 'warning', 'info']) });

const suiteSchema = z.object({ name: z.string(), dataset: z.string(), expectations: z.array(expectationSchema) });

export const checkResultSchema = z.object({
  id: z.string(),
  dataset: z.string(),
  version: z.number().int(),
  suite: z.string(),
  suite_digest: digestSchema,
  verdict: z.enum(['passed', 'failed', 'error']),
  at: timeSchema,
  results: z.array(
    z.object({
      expectation: expectationSchema,
      outcome: z.enum(['passed', 'failed', 'error']),
      element_count: z.number().int(),
      unexpected_count: z.number().int(),
      observed: jsonSchema,
      samples: z.array(jsonSchema),
      note: z.string().nullable(),
    }),
  ),
});

export function toCheck(result: CheckResult): z.infer<typeof checkResultSchema> {
  return {
    id: result.id,
    dataset: result.dataset,
    version: result.version,
    suite: result.suite,
    suite_digest: result.suiteDigest,
    verdict: result.verdict,
    at: toTime(result.at),
    results: result.results.map(({ expectation, outcome, elementCount, unexpectedCount, observed, samples, note }) => ({
      expectation: { ...expectation },
      outcome,
      element_count: elementCount,
      unexpected_count: unexpectedCount,
      observed,
      samples: [...samples],
      note,
    })),
  };
}

export function checkRoutes({ checks, datasets }: { readonly checks: CheckService; readonly datasets: DatasetService }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/checks',
      operation: 'check.list',
      summary: 'Lists check suites.',
      query: pageQuery,
      response: pageOf(suiteSchema),
      handle: async ({ query }) => pageFrom(await checks.suites(), query, (suite) => suite.name),
    }),
    defineRoute({
      method: 'POST',
      path: '/checks/:suite/runs',
      operation: 'check.run',
      summary: 'Judges a dataset version by a suite and marks it accepted or rejected. The same pair is judged once.',
      params: z.object({ suite: nameSchema }),
      body: z.object({ dataset: z.string().describe('`name:version`, or `name` for the latest.'), folder: z.string().optional() }),
      response: checkResultSchema,
      handle: async ({ params, body, actor }) => {
        fromRefText(body.dataset);
        const ref = await datasets.resolve(body.dataset);
        return toCheck(
          await checks.run({ suite: params.suite, ref, actor, ...(body.folder === undefined ? {} : { folder: body.folder }) }),
        );
      },
    }),
  ];
}
