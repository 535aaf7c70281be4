import { diffManifests, toRefText } from '@pawl/core';
import type { Blobs, DatasetRef, FileChange, Manifest, TableDiff, Tables } from '@pawl/core';
import type { DatasetService } from './service.ts';
import { groupTables, toTableSource } from './table.ts';

export interface DatasetComparePorts {
  readonly blobs: Blobs;
  readonly tables: Tables;
  readonly datasets: DatasetService;
}

export interface VersionDiff {
  readonly files: readonly FileChange[];
  /** Of each table that is in both and whose files changed. */
  readonly tables: readonly (TableDiff & { readonly folder: string; readonly format: string })[];
}

/** What changed from one version to another. */
export interface DatasetCompareService {
  /** `key` names the columns that tell the rows of a table apart. Throws `table_unreadable`, `column_missing`. */
  diff(before: DatasetRef, after: DatasetRef, key: readonly string[], deep: boolean): Promise<VersionDiff>;
}

export function createDatasetCompareService({ blobs, tables, datasets }: DatasetComparePorts): DatasetCompareService {
  return {
    async diff(before, after, key, deep) {
      const [was, is] = [await datasets.manifest(before), await datasets.manifest(after)];
      const files = diffManifests(was, is);
      const compared: VersionDiff['tables'][number][] = [];
      for (const [old, now] of deep ? changedTables(was, is) : []) {
        const sources = [
          await toTableSource(blobs, old, `${toRefText(before)}/${old.label}`),
          await toTableSource(blobs, now, `${toRefText(after)}/${now.label}`),
        ] as const;
        compared.push({ folder: now.folder, format: now.format, ...(await tables.diff(...sources, key)) });
      }
      return { files, tables: compared };
    },
  };
}

type Group = ReturnType<typeof groupTables>[number];

function changedTables(was: Manifest, is: Manifest): readonly (readonly [Group, Group])[] {
  const keyOf = ({ folder, format }: Group): string => `${format}\n${folder}`;
  const contentOf = ({ entries }: Group): string => entries.map(({ digest }) => digest).join();
  const before = new Map(groupTables(was).map((group) => [keyOf(group), group]));
  return groupTables(is).flatMap((group) => {
    const old = before.get(keyOf(group));
    return old === undefined || contentOf(old) === contentOf(group) ? [] : [[old, group] as const];
  });
}
