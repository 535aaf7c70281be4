import type { Blobs, Manifest, TableSummary, Tables } from '@pawl/core';
import { groupTables, toTableSource } from './table.ts';
import type { TableGroup } from './table.ts';

/** Rows and columns of every table of a version; one that is as it was in the version before is not read again. Throws `table_unreadable`. */
export async function describeTables(
  { blobs, tables }: { readonly blobs: Blobs; readonly tables: Tables },
  dataset: string,
  manifest: Manifest,
  before: { readonly manifest: Manifest; readonly tables: readonly TableSummary[] } | undefined,
): Promise<readonly TableSummary[]> {
  const known = new Map(before === undefined ? [] : groupTables(before.manifest).map((group) => [toKey(group), toContent(group)]));
  const summaries: TableSummary[] = [];
  for (const group of groupTables(manifest)) {
    const same = known.get(toKey(group)) === toContent(group);
    const summary = same ? before?.tables.find((one) => toKey(one) === toKey(group)) : undefined;
    if (summary !== undefined) summaries.push(summary);
    else {
      const source = await toTableSource(blobs, group, `${dataset}/${group.label}`);
      const { rows, columns } = await tables.describe(source);
      summaries.push({ folder: group.folder, format: group.format, files: group.entries.length, rows, columns });
    }
  }
  return summaries;
}

const toKey = ({ format, folder }: { readonly format: string; readonly folder: string }): string => `${format}\n${folder}`;

const toContent = (group: TableGroup): string => group.entries.map(({ path, digest }) => `${digest} ${path}`).join('\n');
