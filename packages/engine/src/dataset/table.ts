import type { Blobs, Manifest, ManifestEntry, TableFormat, TableSource } from '@pawl/core';

const FORMATS: readonly (readonly [RegExp, TableFormat])[] = [
  [/\.parquet$/i, 'parquet'],
  [/\.csv$/i, 'csv'],
  [/\.(jsonl|ndjson)$/i, 'json'],
];

export interface TableGroup {
  /** Folder inside the version; '' is its root. */
  readonly folder: string;
  readonly format: TableFormat;
  readonly entries: readonly ManifestEntry[];
  /** The path for a single file, else the folder with a pattern. */
  readonly label: string;
}

function toTableFormat(path: string): TableFormat | undefined {
  return FORMATS.find(([pattern]) => pattern.test(path))?.[1];
}

export const isTablePath = (path: string): boolean => toTableFormat(path) !== undefined;

/** The tables of a version: files of one format in one folder read as one. Empty files hold no table. */
export function groupTables(manifest: Manifest): readonly TableGroup[] {
  const groups = new Map<string, { folder: string; format: TableFormat; entries: ManifestEntry[] }>();
  for (const entry of manifest.entries) {
    const format = toTableFormat(entry.path);
    if (format === undefined || entry.size === 0) continue;
    const folder = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')));
    const key = `${format}\n${folder}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { folder, format, entries: [entry] });
    else group.entries.push(entry);
  }
  return Array.from(groups.values(), (group) => ({
    ...group,
    label:
      group.entries.length === 1 ? (group.entries[0]?.path ?? '') : `${group.folder === '' ? '' : `${group.folder}/`}*.${group.format}`,
  }));
}

export async function toTableSource(blobs: Blobs, group: TableGroup, label: string): Promise<TableSource> {
  const paths: string[] = [];
  for (const { digest } of group.entries) paths.push(await blobs.localPath(digest));
  return { format: group.format, paths, label };
}
