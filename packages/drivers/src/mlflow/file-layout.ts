import type { ReportProblem } from '@pawl/core';
import { foldersIn } from './files.ts';
import type { ValueReader } from './read.ts';

/** A folder of an experiment, active or in the trash. */
export interface ExperimentFolder {
  readonly id: string;
  readonly path: string;
}

/** MLflow's file store: a folder an experiment, a folder a run, a file each parameter, tag and metric. */
export interface FileStore {
  readonly root: string;
  readonly values: ValueReader;
  readonly report: ReportProblem;
  experimentFolders(): Promise<readonly ExperimentFolder[]>;
}

/** Folders in that of an experiment that are no runs. */
const RESERVED: ReadonlySet<string> = new Set(['tags', 'datasets', 'traces', 'models', '.trash']);

/** Names of the folders of an experiment's runs. */
export async function runFolders(experiment: ExperimentFolder): Promise<readonly string[]> {
  return (await foldersIn(experiment.path)).filter((name) => !RESERVED.has(name));
}
