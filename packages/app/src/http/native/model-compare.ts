import type { ComparedVersion } from '@pawl/core';
import type { ModelCompareService } from '@pawl/engine';
import { z } from 'zod';
import { runSchema, toRun } from './experiment.ts';
import { gateDecisionSchema, toGateDecision, verdictSchema } from './gate.ts';
import { aliasNameSchema, modelNameSchema, modelVersionSchema, toModelVersion } from './model.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { comparedDataSchema, comparedMetricSchema, comparedTextSchema, toComparedMetric } from './run-compare.ts';

const numbers = z.array(z.number().nullable());
const goalSchema = z.enum(['min', 'max']).nullable();

const comparedVersionSchema = z.object({
  version: modelVersionSchema,
  aliases: z.array(z.string()),
  run: runSchema.nullable().describe('The run behind it; null when it names none, or one that is gone.'),
  gate: gateDecisionSchema.nullable().describe('The newest decision on it.'),
  package: z
    .object({ files: z.number().int(), bytes: z.number().int() })
    .nullable()
    .describe('Size of its files; null when they are not stored here.'),
  has_signature: z.boolean(),
});

const answerSchema = z.object({
  versions: z
    .array(comparedVersionSchema)
    .describe('Two. All that follows has a value for each, in this order; deltas are the second’s less the first’s.'),
  params: z.array(comparedTextSchema),
  metrics: z.array(comparedMetricSchema),
  comparable: z.boolean().describe('Whether gates judged both on the same data; else no check has a best.'),
  checks: z.array(
    z.object({
      name: z.string(),
      verdicts: z.array(verdictSchema.nullable()),
      values: numbers.describe('What was measured, with its one-sided bounds in `lower` and `upper`.'),
      lower: numbers,
      upper: numbers,
      goal: goalSchema,
      best: z.array(z.number().int()),
    }),
  ),
  data: z.array(comparedDataSchema).describe('What they were trained on.'),
  signature: z.array(
    z.object({
      part: z.enum(['input', 'output', 'param']),
      name: z.string(),
      types: z.array(z.string().nullable()),
      differs: z.boolean(),
    }),
  ),
  tags: z.array(comparedTextSchema),
  code: z.array(comparedTextSchema),
});

function toCompared({ version, aliases, run, gate, size, signature }: ComparedVersion): z.infer<typeof comparedVersionSchema> {
  return {
    version: toModelVersion(version),
    aliases: [...aliases],
    run: run === null ? null : toRun(run.detail.run),
    gate: gate === null ? null : toGateDecision(gate),
    package: size === null ? null : { ...size },
    has_signature: signature !== null,
  };
}

const whichSchema = aliasNameSchema.describe('A number, an alias or a stage.');

/** Two versions of a model beside each other. */
export function modelCompareRoutes({ modelCompare }: { readonly modelCompare: ModelCompareService }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/models/:model/versions/:version/compare/:other',
      operation: 'model.compare',
      summary: 'Compares two versions: parameters and metrics of their runs, gates’ measures, data, signature, size, code, stage, tags.',
      params: z.object({ model: modelNameSchema, version: whichSchema, other: whichSchema }),
      query: z.object({ with_model: modelNameSchema.optional().describe('Model of the other version, where it is another one.') }),
      response: answerSchema,
      handle: async ({ params: { model, version, other }, query: { with_model: otherModel = model } }) => {
        const compared = modelCompare.compare({ model, version }, { model: otherModel, version: other });
        const { versions, metrics, comparable, ...found } = await compared;
        return {
          versions: versions.map(toCompared),
          comparable,
          metrics: metrics.map(toComparedMetric),
          params: found.params.map((row) => ({ ...row, values: [...row.values] })),
          checks: found.checks.map((row) => ({
            ...row,
            verdicts: [...row.verdicts],
            values: [...row.values],
            lower: [...row.lower],
            upper: [...row.upper],
            best: [...row.best],
          })),
          data: found.data.map((row) => ({ ...row, used: [...row.used] })),
          signature: found.signature.map((row) => ({ ...row, types: [...row.types] })),
          tags: found.tags.map((row) => ({ ...row, values: [...row.values] })),
          code: found.code.map((row) => ({ ...row, values: [...row.values] })),
        };
      },
    }),
  ];
}
