import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface DatasetFaults {
  dataset_not_found: { name: string };
  dataset_version_not_found: { name: string; version: number };
  dataset_empty: { path: string };
  dataset_rejected: { name: string; version: number; suite: string };
  table_unreadable: { file: string; reason: string };
  column_missing: { column: string; where: string; columns: readonly string[] };
}

export const datasetFaults: FaultDefinitions<DatasetFaults> = {
  dataset_not_found: user((d) => `There is no dataset "${d.name}"; list them with "pawl data list".`),
  dataset_version_not_found: user((d) => `Dataset "${d.name}" has no version ${d.version}; list them with "pawl data log ${d.name}".`),
  dataset_empty: user((d) => `There are no files at ${d.path}; a version needs at least one.`),
  dataset_rejected: user((d) => `Version ${d.version} of dataset "${d.name}" failed its check "${d.suite}" and may not feed training.`),
  table_unreadable: user((d) => `${d.file} cannot be read as a table: ${d.reason}.`),
  column_missing: user((d) => `${d.where} has no column "${d.column}"; it has ${d.columns.join(', ')}.`),
};
