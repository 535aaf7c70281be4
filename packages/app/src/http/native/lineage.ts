import type { StoredPrediction } from '@pawl/core';
import type { DataLineage, LineageService, ModelLineage } from '@pawl/engine';
import { z } from 'zod';
import { checkResultSchema, toCheck } from './check.ts';
import { datasetVersionSchema, toDatasetVersion } from './dataset.ts';
import { metricSchema, runSchema, toMetric, toRun } from './experiment.ts';
import { gateDecisionSchema, toGateDecision } from './gate.ts';
import { modelVersionSchema, toModelVersion } from './model.ts';
import { pipelineRunSchema, toPipelineRun } from './pipeline-run.ts';
import { rolloutSchema, toRollout } from './rollout.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { idSchema, timeSchema, toTime, versionSchema } from './schema.ts';

const cellsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

const predictionSchema = z.object({
  id: z.string(),
  row: z.number().int(),
  endpoint: z.string(),
  model: z.string(),
  version: z.number().int(),
  rollout: z.string().nullable(),
  arm: z.enum(['stable', 'candidate']),
  candidate_weight: z.number().nullable(),
  request_id: z.string().nullable(),
  time: timeSchema,
  latency_ms: z.number(),
  code: z.string().describe('`ok`, or the code of what went wrong.'),
  inputs: cellsSchema,
  outputs: cellsSchema,
});

interface DataLineageBody {
  version: z.infer<typeof datasetVersionSchema>;
  checks: z.infer<typeof checkResultSchema>[];
  made_by: { run: string; step: string; command: string } | null;
  from: DataLineageBody[];
}

const dataLineageSchema: z.ZodType<DataLineageBody> = z
  .object({
    version: datasetVersionSchema,
    checks: z.array(checkResultSchema),
    made_by: z
      .object({ run: z.string(), step: z.string(), command: z.string() })
      .nullable()
      .describe('The step that made it, in which pipeline run.'),
    get from() {
      return z.array(dataLineageSchema).describe('The versions it was made from.');
    },
  })
  .meta({ id: 'DataLineage' });

const modelLineageSchema = z
  .object({
    version: modelVersionSchema,
    run: runSchema.nullable(),
    metrics: z.array(metricSchema),
    pipeline_run: pipelineRunSchema.nullable(),
    data: z.array(z.object({ role: z.string(), lineage: dataLineageSchema })),
    gate: gateDecisionSchema.nullable(),
    rollout: rolloutSchema.nullable().describe('The newest rollout of this version: who or what moved it, when and why.'),
  })
  .meta({ id: 'ModelLineage' });

const predictionLineageSchema = z.object({
  prediction: predictionSchema,
  label: z.object({ value: z.boolean(), time: timeSchema }).nullable(),
  model: modelLineageSchema,
});

function toPrediction(prediction: StoredPrediction): z.infer<typeof predictionSchema> {
  const { id, row, endpoint, model, version, rollout, arm, code, inputs, outputs } = prediction;
  return {
    id,
    row,
    endpoint,
    model,
    version,
    rollout,
    arm,
    candidate_weight: prediction.candidateWeight,
    request_id: prediction.requestId,
    time: toTime(prediction.time),
    latency_ms: prediction.latencyMs,
    code,
    inputs,
    outputs,
  };
}

function toDataLineage({ version, checks, madeBy, from }: DataLineage): DataLineageBody {
  return { version: toDatasetVersion(version), checks: checks.map(toCheck), made_by: madeBy, from: from.map(toDataLineage) };
}

function toModelLineage(lineage: ModelLineage): z.infer<typeof modelLineageSchema> {
  const { version, run, metrics, pipelineRun, data, gate, rollout } = lineage;
  return {
    version: toModelVersion(version),
    run: run === null ? null : toRun(run),
    metrics: metrics.map(toMetric),
    pipeline_run: pipelineRun === null ? null : toPipelineRun(pipelineRun),
    data: data.map((one) => ({ role: one.role, lineage: toDataLineage(one.lineage) })),
    gate: gate === null ? null : toGateDecision(gate),
    rollout: rollout === null ? null : toRollout(rollout),
  };
}

export function lineageRoutes({ lineage }: { readonly lineage: LineageService }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/lineage/predictions/:prediction',
      operation: 'lineage.prediction',
      summary: 'Shows everything behind one answer: model version, run, data, gate and rollout.',
      params: z.object({ prediction: idSchema }),
      response: predictionLineageSchema,
      handle: async ({ params }) => {
        const { prediction, label, model } = await lineage.ofPrediction(params.prediction);
        return {
          prediction: toPrediction(prediction),
          label: label === null ? null : { value: label.value, time: toTime(label.time) },
          model: toModelLineage(model),
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/lineage/models/:model/:version',
      operation: 'lineage.model',
      summary: 'Shows everything behind one model version.',
      params: z.object({ model: nameSchema, version: versionSchema }),
      response: modelLineageSchema,
      handle: async ({ params }) => toModelLineage(await lineage.ofModel(params.model, params.version)),
    }),
  ];
}
