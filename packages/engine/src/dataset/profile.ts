import { fault, toRefText } from '@pawl/core';
import type { Database, DatasetVersion, Hash, TableFormat, TableProfile, Tables } from '@pawl/core';
import type { DatasetService } from './service.ts';

export interface ProfilePorts {
  readonly database: Database;
  readonly datasets: DatasetService;
  readonly tables: Tables;
  readonly hash: Hash;
}

export interface VersionProfile {
  readonly folder: string;
  readonly format: TableFormat;
  readonly profile: TableProfile;
}

export interface ProfileService {
  /**
   * The profile of a version's only table, or of the one in `folder`: computed when it is first asked for, then kept for all versions that hold the same files. Throws
   * `table_unreadable`.
   */
  profile(version: DatasetVersion, folder?: string): Promise<VersionProfile>;
}

export function createProfileService({ database, datasets, tables, hash }: ProfilePorts): ProfileService {
  /** Two that ask at once wait for one. */
  const running = new Map<string, Promise<VersionProfile>>();

  const compute = async (version: DatasetVersion, folder: string, format: TableFormat): Promise<VersionProfile> => {
    const table = { manifest: version.manifest, folder, format };
    const known = await database.read.profiles.profile(table);
    if (known !== undefined) return { folder, format, profile: known };
    const profile = await tables.profile(await datasets.table(version, folder), hash);
    await database.transaction((tx) => tx.profiles.put(table, profile));
    return { folder, format, profile };
  };

  return {
    async profile(version, folder) {
      const found = version.tables.filter((table) => folder === undefined || table.folder === folder);
      const [table] = found;
      if (table === undefined || found.length > 1)
        throw fault('table_unreadable', {
          file: toRefText(version),
          reason:
            table === undefined
              ? folder === undefined
                ? 'it holds no Parquet, CSV or JSON file'
                : `it has no table in folder "${folder}"`
              : `it holds several tables (in ${found.map((one) => one.folder || '.').join(', ')}); name one by its folder`,
        });
      const key = `${version.manifest} ${table.format} ${table.folder}`;
      const work = running.get(key) ?? compute(version, table.folder, table.format).finally(() => running.delete(key));
      running.set(key, work);
      return work;
    },
  };
}
