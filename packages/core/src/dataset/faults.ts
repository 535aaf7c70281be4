import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface DatasetFaults {
  dataset_not_found: { name: string };
  dataset_version_not_found: { name: string; version: number };
  dataset_label_not_found: { name: string; label: string };
  dataset_label_taken: { name: string; label: string; problem: string };
  dataset_expired: { name: string; version: number };
  dataset_merge_conflict: { name: string; branch: string; count: number; paths: readonly string[] };
  dataset_file_not_found: { ref: string; path: string };
  dataset_empty: { path: string };
  dataset_rejected: { name: string; version: number; suite: string };
  table_unreadable: { file: string; reason: string };
  column_missing: { column: string; where: string; columns: readonly string[] };
}

export const datasetFaults: FaultDefinitions<DatasetFaults> = {
  dataset_not_found: user((d) => `There is no dataset "${d.name}"; list them with "pawl data list".`),
  dataset_version_not_found: user((d) => `Dataset "${d.name}" has no version ${d.version}; list them with "pawl data log ${d.name}".`),
  dataset_label_not_found: user(
    (d) =>
      `Dataset "${d.name}" has no tag and no branch "${d.label}"; list them with "pawl data tag ${d.name}" and "pawl data branch ${d.name}".`,
  ),
  dataset_label_taken: user((d) => `"${d.label}" of dataset "${d.name}" ${d.problem}.`),
  dataset_expired: user(
    (d) => `The content of version ${d.version} of dataset "${d.name}" was given up by "pawl data gc"; its record stays.`,
  ),
  dataset_merge_conflict: user(
    (d) =>
      `Branch "${d.branch}" of dataset "${d.name}" cannot be merged: both sides changed ${d.paths.join(', ')}${d.count > d.paths.length ? ` and ${d.count - d.paths.length} more` : ''}; settle them on the branch, or say which side wins.`,
  ),
  dataset_file_not_found: user((d) => `${d.ref} has no file "${d.path}"; list its files with "pawl data files ${d.ref}".`),
  dataset_empty: user((d) => `There are no files at ${d.path}; a version needs at least one.`),
  dataset_rejected: user((d) => `Version ${d.version} of dataset "${d.name}" failed its check "${d.suite}" and may not feed training.`),
  table_unreadable: user((d) => `${d.file} cannot be read as a table: ${d.reason}.`),
  column_missing: user((d) => `${d.where} has no column "${d.column}"; it has ${d.columns.join(', ')}.`),
};
