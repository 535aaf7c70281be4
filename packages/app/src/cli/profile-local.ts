import type { TableProfile } from '@pawl/core';
import { toLocalTable } from './local-table.ts';

/** Profiles a file, folder or pattern on this machine, without a server. */
export async function profileLocally(place: string): Promise<TableProfile> {
  const source = await toLocalTable(place);
  const { createTables, hashSha256 } = await import('@pawl/drivers');
  const tables = createTables();
  try {
    return await tables.profile(source, hashSha256);
  } finally {
    await tables.close();
  }
}
