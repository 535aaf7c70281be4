import { toRefText } from '@pawl/core';
import type { Digest, PipelineRun, Recording, RunUsage, Task, UsageSample } from '@pawl/core';
import type { CommandReport, DatasetService, RecordingService } from '@pawl/engine';
import { z } from 'zod';
import { nameSchema } from '../../schema/name.ts';
import { fromRunInputs, runInputSchema, toRunInput } from './experiment.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';
import {
  digestSchema,
  idSchema,
  momentSchema,
  pageOf,
  pageQuery,
  refSchema,
  textsSchema,
  timeSchema,
  toPageRequest,
  toTime,
  versionSchema,
} from './schema.ts';

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const amount = z.number().min(0);

const usageSchema = z.object({
  wall_ms: count,
  cpu_ms: count.nullable(),
  peak_memory_bytes: count.nullable(),
  memory_byte_seconds: amount.nullable().describe('Resident bytes, integrated over time.'),
  read_bytes: count.nullable(),
  write_bytes: count.nullable(),
  gpu_ms: count,
});

const sampleSchema = z.object({
  step: count,
  time: momentSchema,
  usage: usageSchema,
  resident_bytes: amount,
  cpu_percent: amount,
  machine: z.record(z.string().regex(/^[a-z0-9_]{1,60}$/), z.number()).describe('By MLflow’s names without `system/`.'),
});

const MOST_LINE = 70_000;
const consoleSchema = z.object({
  first: z.number().int().min(1).describe('Number of the first of these lines.'),
  lines: z
    .array(z.object({ time: momentSchema, stream: z.enum(['stdout', 'stderr']), text: z.string().max(MOST_LINE) }))
    .min(1)
    .max(10_000),
});

const codeSchema = z.object({
  commit: z.string().min(1).max(100),
  branch: z.string().max(250).nullable(),
  patch: digestSchema.nullable(),
});

const reportSchema = z.object({
  report: z.number().int().min(1).describe('1, 2, 3, …; one that was taken is not taken again.'),
  console: consoleSchema.optional(),
  samples: z.array(sampleSchema).max(1000).optional(),
  usage: usageSchema.optional().describe('In all so far.'),
  code: codeSchema.optional(),
  environment: textsSchema.optional(),
  artifacts: z
    .array(z.object({ path: z.string().min(1).max(1024), digest: digestSchema, size: count }))
    .max(100)
    .optional()
    .describe('Files whose content is stored already.'),
  inputs: z.array(runInputSchema).max(1000).optional(),
  end: z
    .object({
      at: momentSchema,
      exit_code: z.number().int().nullable(),
      signal: z.string().max(20).nullable(),
      stopped: z.boolean().describe('Whether it was asked to stop.'),
      step: count.default(0).describe('Of the metrics that say what was used in all.'),
    })
    .optional(),
});

const recordingSchema = z.object({
  command: z.string(),
  host: z.string(),
  machine: z.string().nullable(),
  state: z.enum(['open', 'ended', 'lost']),
  report: z.number().int(),
  heard_at: timeSchema,
  exit_code: z.number().int().nullable(),
  signal: z.string().nullable(),
  lines: z.number().int().describe('Lines written so far.'),
});

const costSchema = z.object({ amount: z.number(), currency: z.string() });

const viewSchema = z.object({
  recording: recordingSchema.nullable(),
  usage: z.array(
    usageSchema.extend({
      source: z.string().describe("Empty for the run's own command, else the step's name."),
      attempt: z.number().int(),
      task: z.string().nullable(),
      machine: z.string().nullable(),
      cost: costSchema.nullable(),
    }),
  ),
  cost: costSchema.nullable(),
  data: z.array(
    z.object({
      role: z.string(),
      ref: refSchema,
      manifest: digestSchema,
      rows: z.number().int().nullable(),
      bytes: z.number().int(),
      status: z.enum(['unchecked', 'accepted', 'rejected']),
    }),
  ),
  pipeline: z
    .object({
      name: z.string(),
      tasks: z.array(z.object({ id: z.string(), step: z.string(), state: z.string(), attempt: z.number().int() })),
    })
    .nullable(),
});

const oneRun = z.object({ run: idSchema });
const CLOSEST_LEASE_MS = 1000;
const LONGEST_LEASE_MS = 86_400_000;

export function recordingRoutes({
  recordings,
  datasets,
}: {
  readonly recordings: RecordingService;
  readonly datasets: DatasetService;
}): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/runs/:run/recording',
      operation: 'recording.open',
      summary: 'Begins a run for a command, under an id that the caller chose; asked again, it gives the same run.',
      params: oneRun,
      body: z.object({
        experiment: z.string().min(1).max(250).default('Default'),
        name: z.string().max(250).default(''),
        params: textsSchema.default({}),
        tags: textsSchema.default({}),
        inputs: z.array(runInputSchema).max(1000).default([]),
        started_at: momentSchema.optional(),
        command: z.string().max(10_000),
        host: z.string().max(250).default(''),
        machine: z.string().min(1).max(100).nullable().default(null).describe('Names a row of the price table.'),
        lease_ms: z
          .number()
          .int()
          .min(CLOSEST_LEASE_MS)
          .max(LONGEST_LEASE_MS)
          .default(60_000)
          .describe('Silence after which the run counts as killed.'),
      }),
      response: z.object({
        id: z.string(),
        name: z.string(),
        experiment: z.number().int(),
        status: z.string(),
        inputs: z.array(runInputSchema).describe('With the versions that were the latest.'),
      }),
      handle: async ({ params, body: { lease_ms, started_at, inputs, ...rest }, actor }) => {
        const read = await fromRunInputs(datasets, inputs);
        const { id, name, experiment, status } = await recordings.open({
          ...rest,
          run: params.run,
          leaseMs: lease_ms,
          inputs: read,
          ...(started_at === undefined ? {} : { startedAt: started_at }),
          actor,
        });
        return { id, name, experiment, status, inputs: read.map(toRunInput) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/runs/:run/reports',
      operation: 'recording.report',
      summary: 'Tells what a command did since the report before: lines, samples, use, surroundings, its end.',
      params: oneRun,
      body: reportSchema,
      response: recordingSchema,
      bodyLimit: 16 * 1024 * 1024,
      handle: async ({ params, body, actor }) => {
        const inputs = body.inputs === undefined ? undefined : await fromRunInputs(datasets, body.inputs);
        return toRecording(
          await recordings.report(params.run, { ...fromReport(body), ...(inputs === undefined ? {} : { inputs }) }, actor),
        );
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/runs/:run/recording',
      operation: 'recording.get',
      summary: 'Shows how a run came about: its command, what that used and cost, the data it read, the steps of its pipeline.',
      params: oneRun,
      response: viewSchema,
      handle: async ({ params }) => {
        const { recording, usage, cost, data, pipeline } = await recordings.view(params.run);
        return {
          recording: recording && toRecording(recording),
          usage: usage.map(toRunUsage),
          cost,
          data: data.map(({ role, version }) => ({
            role,
            ref: toRefText(version),
            manifest: version.manifest,
            rows: version.tables.length === 0 ? null : version.tables.reduce((sum, { rows }) => sum + rows, 0),
            bytes: version.bytes,
            status: version.status,
          })),
          pipeline: pipeline && toPipeline(pipeline.run, pipeline.tasks),
        };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/runs/:run/inputs',
      operation: 'recording.link',
      summary: 'Adds dataset versions that a run reads.',
      params: oneRun,
      body: z.object({ inputs: z.array(runInputSchema).min(1).max(1000) }),
      response: z.object({ linked: z.number().int() }),
      handle: async ({ params, body }) => {
        await recordings.link(params.run, await fromRunInputs(datasets, body.inputs));
        return { linked: body.inputs.length };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/datasets/:dataset/versions/:version/runs',
      operation: 'dataset.runs',
      summary: 'Lists the runs that read a version, newest first.',
      params: z.object({
        dataset: nameSchema,
        version: z.union([versionSchema, z.literal('latest')]).describe('A number, or `latest`.'),
      }),
      query: pageQuery,
      response: pageOf(
        z.object({
          run: z.string(),
          name: z.string(),
          experiment: z.number().int(),
          role: z.string(),
          status: z.enum(['scheduled', 'running', 'finished', 'failed', 'killed']),
          started_at: timeSchema,
        }),
      ),
      handle: async ({ params: { dataset, version }, query }) => {
        const ref = await datasets.resolve(version === 'latest' ? dataset : `${dataset}:${version}`);
        const page = await recordings.users(ref, toPageRequest(query));
        return { ...page, items: page.items.map(({ startedAt, ...one }) => ({ ...one, started_at: toTime(startedAt) })) };
      },
    }),
  ];
}

type UsageBody = z.infer<typeof usageSchema>;

function fromUsage(usage: UsageBody): UsageSample['usage'] {
  return {
    wallMs: usage.wall_ms,
    cpuMs: usage.cpu_ms,
    peakMemoryBytes: usage.peak_memory_bytes,
    memoryByteSeconds: usage.memory_byte_seconds,
    readBytes: usage.read_bytes,
    writeBytes: usage.write_bytes,
    gpuMs: usage.gpu_ms,
  };
}

function fromReport({ code, environment, samples, usage, artifacts, end, report, console }: z.infer<typeof reportSchema>): CommandReport {
  const surroundings = {
    ...(code === undefined ? {} : { code: { ...code, patch: code.patch as Digest | null } }),
    ...(environment === undefined ? {} : { environment }),
  };
  return {
    report,
    surroundings,
    ...(console === undefined ? {} : { console }),
    ...(usage === undefined ? {} : { usage: fromUsage(usage) }),
    ...(artifacts === undefined ? {} : { artifacts: artifacts.map((one) => ({ ...one, digest: one.digest as Digest })) }),
    ...(end === undefined
      ? {}
      : { end: { at: end.at, exitCode: end.exit_code, signal: end.signal, stopped: end.stopped, step: end.step } }),
    ...(samples === undefined
      ? {}
      : {
          samples: samples.map(({ step, time, machine, ...sample }) => ({
            step,
            time,
            machine,
            usage: fromUsage(sample.usage),
            residentBytes: sample.resident_bytes,
            cpuPercent: sample.cpu_percent,
          })),
        }),
  };
}

function toRecording(recording: Recording): z.infer<typeof recordingSchema> {
  const { command, host, machine, state, report, heardAt, exitCode, signal, console } = recording;
  return { command, host, machine, state, report, heard_at: toTime(heardAt), exit_code: exitCode, signal, lines: console.last };
}

function toRunUsage(usage: RunUsage): z.infer<typeof viewSchema>['usage'][number] {
  const { source, attempt, task, machine, cost, currency } = usage;
  return {
    source,
    attempt,
    task,
    machine,
    cost: cost === null || currency === null ? null : { amount: cost, currency },
    wall_ms: usage.wallMs,
    cpu_ms: usage.cpuMs,
    peak_memory_bytes: usage.peakMemoryBytes,
    memory_byte_seconds: usage.memoryByteSeconds,
    read_bytes: usage.readBytes,
    write_bytes: usage.writeBytes,
    gpu_ms: usage.gpuMs,
  };
}

/** In the order of the pipeline's file. */
function toPipeline(run: PipelineRun, tasks: readonly Task[]): NonNullable<z.infer<typeof viewSchema>['pipeline']> {
  const place = new Map(run.spec.steps.map(({ name }, at) => [name, at]));
  return {
    name: run.pipeline,
    tasks: tasks
      .map(({ id, step, state, attempt }) => ({ id, step, state, attempt }))
      .toSorted((a, b) => (place.get(a.step) ?? 0) - (place.get(b.step) ?? 0)),
  };
}
