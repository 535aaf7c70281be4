import { toCanonicalJson } from '@pawl/core';
import type { Artifact, Blobs, Database, EnvironmentInspector, Log } from '@pawl/core';

export interface StepEnvironmentPorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly log: Log;
  /** What steps run in is not recorded when absent. */
  readonly environments?: EnvironmentInspector;
}

export interface StepCommand {
  readonly run: string;
  readonly step: string;
  /** As it was started: the interpreters are told from it. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Records what a step's command runs in, beside it: an interpreter may take longer to answer than a step to run. Never rejects: what cannot be found out is no reason for a step to fail. */
export async function recordEnvironment(ports: StepEnvironmentPorts, { run, step, argv, cwd, env }: StepCommand): Promise<void> {
  const { database, blobs, environments, log } = ports;
  if (environments === undefined) return;
  try {
    const { lock, files } = await environments.inspect({ argv, cwd, env });
    const text = `${toCanonicalJson(lock)}\n`;
    const artifacts: Artifact[] = [];
    for (const { path, bytes } of [{ path: 'lock.json', bytes: new TextEncoder().encode(text) }, ...files])
      artifacts.push({ run, path: `environment/${step}/${path}`, ...(await blobs.put(bytes)) });
    const environment = {
      [`${step}.lock`]: artifacts[0]?.digest ?? '',
      ...(lock.python === null ? {} : { [`${step}.python`]: lock.python.version }),
    };
    await database.transaction(async (tx) => {
      await tx.runs.record(run, { artifacts });
      await tx.recordings.setSurroundings(run, { environment });
    });
  } catch (error) {
    log.warn({ err: error, run, step }, 'what a step runs in could not be recorded');
  }
}
