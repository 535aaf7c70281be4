import { parseUses } from '@pawl/core';
import type { StepPython, StepResources } from '@pawl/core';
import { z } from 'zod';

/** What a step needs of the machine, and the function it may be instead of a command. */
export const usesSchema = z
  .string()
  .refine((text) => parseUses(text) !== undefined, 'write FILE.py:FUNCTION or FILE.ts:FUNCTION, a file of the project')
  .describe(
    'Instead of a command: a function, FILE.py:FUNCTION or FILE.ts:FUNCTION. Its parameters are the inputs, params and outputs of the step.',
  );

const pathSchema = z.string().min(1).max(1000);
const versionSchema = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^3\.\d{1,2}(\.\d{1,2})?$/, "write it as '3.11', in quotes"));

export const pythonSchema = z
  .strictObject({
    requirements: z
      .union([pathSchema, z.array(z.string().min(1).max(1000)).max(1000)])
      .optional()
      .describe('A requirements file, or its lines.'),
    lock: pathSchema.optional().describe('A file of pinned requirements.'),
    conda: pathSchema.optional().describe('A conda file or python_env.yaml; its pip part is installed.'),
    version: versionSchema.optional().describe("Version of Python, such as '3.11'. Default: that of python3 on the PATH."),
  })
  .superRefine(({ requirements, lock, conda }, context) => {
    if ([requirements, lock, conda].filter((one) => one !== undefined).length > 1)
      context.addIssue({ code: 'custom', message: 'say at most one of requirements, lock, conda' });
  })
  .transform(({ requirements, lock, conda, version }): StepPython => {
    const file = typeof requirements === 'string' ? requirements : lock;
    return {
      ...(typeof requirements === 'object' ? { requirements } : {}),
      ...(file === undefined ? {} : { file }),
      ...(conda === undefined ? {} : { conda }),
      ...(version === undefined ? {} : { version }),
    };
  })
  .describe('The packages that it runs with; made once, and shared by all steps that ask for the same.');

const UNITS: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

const memorySchema = z.union([z.number().int(), z.string()]).transform((text, context): number => {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(?:([KMGT]i?)B?|B)?$/.exec(String(text)) ?? [];
  const bytes = Number(number) * (unit === undefined ? 1 : (UNITS[unit] ?? NaN));
  if (bytes >= 1e6) return Math.round(bytes);
  context.addIssue({ code: 'custom', message: "write a size such as '512MB' or '2GiB', at least 1 MB" });
  return z.NEVER;
});

export const resourcesSchema = z
  .strictObject({
    cpu: z.number().positive().max(4096).optional().describe('Processors that its libraries are told to use.'),
    memory: memorySchema.optional().describe('Most memory of all its processes, such as 2GB; more ends it.'),
    gpu: z.number().int().min(0).max(64).optional().describe('GPUs it gets to itself; 0: it sees none.'),
  })
  .transform(({ cpu, memory, gpu }): StepResources => ({
    ...(cpu === undefined ? {} : { cpus: cpu }),
    ...(memory === undefined ? {} : { memoryBytes: memory }),
    ...(gpu === undefined ? {} : { gpus: gpu }),
  }))
  .describe('What it may use of the machine.');
