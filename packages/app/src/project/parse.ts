import type { Project } from '@pawl/core';
import { z } from 'zod';
import { nameSchema } from '../schema/name.ts';
import { checkFile } from './check-file.ts';
import { pipelineFile } from './pipeline-file.ts';
import { featureFile, gateFile, monitorFile, rolloutFile } from './schema.ts';
import { registryFile } from './registry.ts';

/** A project as a client sends it: the content of its files, by noun. */
export const projectBody = z.strictObject({
  name: nameSchema,
  root: z.string().min(1).max(4096).describe("Folder of the project on the worker's machine."),
  parts: z.strictObject({
    checks: z.array(checkFile).default([]),
    features: z.array(featureFile).default([]),
    pipelines: z.array(pipelineFile).default([]),
    gates: z.array(gateFile).default([]),
    registry: z.array(registryFile).default([]),
    rollouts: z.array(rolloutFile).default([]),
    monitors: z.array(monitorFile).default([]),
  }),
});

export function toProject(body: z.infer<typeof projectBody>): Project {
  const { pipelines, ...parts } = body.parts;
  return {
    name: body.name,
    root: body.root,
    ...parts,
    pipelines: pipelines.map((one) => one.pipeline),
    triggers: pipelines.flatMap((one) => one.triggers),
  };
}
