import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeatureView, JsonObject, TableFormat, TableSource, Tables } from '@pawl/core';

/** A view of no features: joining it writes a table as Parquet. */
export const bare: FeatureView = { name: 'none', entity: 'k', dataset: 'd', idColumn: 'id', streams: [], features: [] };

export interface TableFiles {
  source(format: TableFormat, ...contents: readonly (string | Uint8Array)[]): Promise<TableSource>;
  /** Rows with the columns k, id and t beside their own. */
  parquet(lines: readonly JsonObject[]): Promise<TableSource>;
}

/** Makes tables in a folder; where it is, and what writes Parquet, is known once the test has begun. */
export function tableFiles(place: () => { readonly folder: string; readonly tables: Tables }): TableFiles {
  let files = 0;

  async function source(format: TableFormat, ...contents: readonly (string | Uint8Array)[]): Promise<TableSource> {
    const paths: string[] = [];
    for (const content of contents) {
      // No extension, as stored content has, and characters that a pattern or a quoted text would trip over.
      const path = join(place().folder, `[${(files += 1)}] it's *`);
      await writeFile(path, content);
      paths.push(path);
    }
    return { format, paths, label: 'mail:3 labels/' };
  }

  async function parquet(lines: readonly JsonObject[]): Promise<TableSource> {
    const rows = await source(
      'json',
      lines.map((line, index) => `${JSON.stringify({ k: 'x', id: String(index), t: index, ...line })}\n`).join(''),
    );
    const target = join(place().folder, `${(files += 1)}.out`);
    await place().tables.joinFeatures(rows, 't', rows, bare, target);
    return { format: 'parquet', paths: [target], label: 'mail:3 labels/' };
  }

  return { source, parquet };
}
