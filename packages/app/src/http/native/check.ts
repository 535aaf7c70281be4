import { fromRefText, inferSuite, toRefText } from '@pawl/core';
import type { CheckResult, CheckSuite, Expectation, ExpectationResult } from '@pawl/core';
import type { CheckService, DatasetService, ProfileService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { digestSchema, jsonObjectSchema, jsonSchema, pageFrom, pageOf, pageQuery, timeSchema, toTime } from './schema.ts';

const expectationSchema = z.object({
  type: z.string(),
  kwargs: jsonObjectSchema,
  severity: z.enum(['critical', 'warning', 'info']),
  environments: z.array(z.string()).optional(),
});

const suiteSchema = z.object({
  name: z.string(),
  dataset: z.string(),
  expectations: z.array(expectationSchema),
  environments: z.record(z.string(), z.object({ without: z.array(z.string()) })).optional(),
  automatic: z.boolean().optional().describe('Judges each new version of its dataset by itself.'),
});

const expectationResultSchema = z.object({
  expectation: expectationSchema,
  outcome: z.enum(['passed', 'failed', 'error']),
  element_count: z.number().int().describe('Rows that the row condition lets through.'),
  missing_count: z.number().int().nullable().describe('Of these, the ones with nothing to look at; null where rows are not counted.'),
  unexpected_count: z.number().int(),
  observed: jsonSchema,
  samples: z.array(jsonSchema).describe('Up to 20 values that broke it.'),
  rows: z.array(z.number().int()).describe('Where the samples are, the first row being 1.'),
  note: z.string().nullable(),
});

export const checkResultSchema = z.object({
  id: z.string(),
  dataset: z.string(),
  version: z.number().int(),
  suite: z.string(),
  suite_digest: digestSchema,
  environment: z.string().nullable(),
  verdict: z.enum(['passed', 'failed', 'error']),
  at: timeSchema,
  results: z.array(expectationResultSchema),
});

export function toCheck(result: CheckResult): z.infer<typeof checkResultSchema> {
  return {
    id: result.id,
    dataset: result.dataset,
    version: result.version,
    suite: result.suite,
    suite_digest: result.suiteDigest,
    environment: result.environment,
    verdict: result.verdict,
    at: toTime(result.at),
    results: result.results.map(toExpectationResult),
  };
}

function toExpectationResult(one: ExpectationResult): z.infer<typeof expectationResultSchema> {
  return {
    expectation: toExpectation(one.expectation),
    outcome: one.outcome,
    element_count: one.elementCount,
    missing_count: one.missingCount,
    unexpected_count: one.unexpectedCount,
    observed: one.observed,
    samples: [...one.samples],
    rows: [...one.rows],
    note: one.note,
  };
}

function toExpectation({ environments, ...expectation }: Expectation): z.infer<typeof expectationSchema> {
  return { ...expectation, ...(environments === undefined ? {} : { environments: [...environments] }) };
}

function toSuite({ environments, ...suite }: CheckSuite): z.infer<typeof suiteSchema> {
  const copied = Object.entries(environments ?? {}).map(([name, { without }]) => [name, { without: without.slice() }] as const);
  return {
    ...suite,
    expectations: suite.expectations.map(toExpectation),
    ...(environments === undefined ? {} : { environments: Object.fromEntries(copied) }),
  };
}

export interface CheckRouteServices {
  readonly checks: CheckService;
  readonly datasets: DatasetService;
  readonly profiles: ProfileService;
}

export function checkRoutes({ checks, datasets, profiles }: CheckRouteServices): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/checks',
      operation: 'check.list',
      summary: 'Lists check suites.',
      query: pageQuery,
      response: pageOf(suiteSchema),
      handle: async ({ query }) => pageFrom((await checks.suites()).map(toSuite), query, (suite) => suite.name),
    }),
    defineRoute({
      method: 'POST',
      path: '/checks/infer',
      operation: 'check.infer',
      summary: 'Proposes a suite from what a version holds, for somebody to review. Nothing is stored.',
      body: z.object({
        dataset: z.string().describe('`name:version`, or `name` for the latest.'),
        folder: z.string().optional(),
        name: nameSchema.optional(),
      }),
      response: z.object({ ref: z.string(), rows: z.number().int(), suite: suiteSchema }),
      handle: async ({ body }) => {
        const version = await datasets.resolve(body.dataset);
        const { profile } = await profiles.profile(version, body.folder);
        const suite = inferSuite(body.name ?? version.dataset, version.dataset, profile);
        return { ref: toRefText(version), rows: profile.rows, suite: toSuite(suite) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/checks/:suite',
      operation: 'check.show',
      summary: 'Shows a check suite.',
      params: z.object({ suite: nameSchema }),
      response: suiteSchema,
      handle: async ({ params }) => toSuite(await checks.suite(params.suite)),
    }),
    defineRoute({
      method: 'POST',
      path: '/checks/:suite/runs',
      operation: 'check.run',
      summary: 'Judges a dataset version by a suite and marks it accepted or rejected. The same pair is judged once.',
      params: z.object({ suite: nameSchema }),
      body: z.object({
        dataset: z.string().describe('`name:version`, or `name` for the latest.'),
        folder: z.string().optional(),
        environment: nameSchema.optional().describe('One that the suite names: only what holds there is asked.'),
        again: z.boolean().default(false).describe('Judge anew, and put the verdict in the place of an earlier one.'),
      }),
      response: checkResultSchema,
      handle: async ({ params, body, actor }) => {
        fromRefText(body.dataset);
        const ref = await datasets.resolve(body.dataset);
        return toCheck(
          await checks.run({
            suite: params.suite,
            ref,
            actor,
            again: body.again,
            ...(body.folder === undefined ? {} : { folder: body.folder }),
            ...(body.environment === undefined ? {} : { environment: body.environment }),
          }),
        );
      },
    }),
  ];
}
