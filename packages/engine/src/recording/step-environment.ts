import { toCanonicalJson } from '@pawl/core';
import type { Artifact, Blobs, EnvironmentInspector, Writers } from '@pawl/core';

export interface StepEnvironmentPorts {
  readonly blobs: Blobs;
  /** What steps run in is not recorded when absent. */
  readonly environments?: EnvironmentInspector;
}

/** What a step ran in, stored; `record` writes only rows. */
export interface StepEnvironment {
  record(tx: Writers): Promise<void>;
}

/** Looks at what a step's command runs in, and stores it. Undefined when it cannot be found out: that is no reason for a step to fail. */
export async function inspectStep(
  { blobs, environments }: StepEnvironmentPorts,
  run: string,
  step: string,
  command: { readonly command: string; readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<StepEnvironment | undefined> {
  if (environments === undefined) return undefined;
  try {
    const { cwd, env } = command;
    const { lock, files } = await environments.inspect({ argv: ['sh', '-c', command.command], cwd, env });
    const text = `${toCanonicalJson(lock)}\n`;
    const artifacts: Artifact[] = [];
    for (const { path, bytes } of [{ path: 'lock.json', bytes: new TextEncoder().encode(text) }, ...files])
      artifacts.push({ run, path: `environment/${step}/${path}`, ...(await blobs.put(bytes)) });
    const environment = {
      [`${step}.lock`]: artifacts[0]?.digest ?? '',
      ...(lock.python === null ? {} : { [`${step}.python`]: lock.python.version }),
    };
    return {
      async record(tx) {
        await tx.runs.record(run, { artifacts });
        await tx.recordings.setSurroundings(run, { environment });
      },
    };
  } catch {
    return undefined;
  }
}
