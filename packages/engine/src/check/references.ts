import { isFault, referenceOf } from '@pawl/core';
import type { DatasetVersion, Expectation, TableSource } from '@pawl/core';
import type { DatasetService } from '../dataset/service.ts';

/** What stands for the version before, in `other_table_name`. */
const PREVIOUS = 'previous';

/** The tables that expectations are compared with, by the name they call them. One that there is not is left out; the expectation then says so. */
export async function findReferences(
  datasets: DatasetService,
  version: DatasetVersion,
  expectations: readonly Expectation[],
): Promise<Readonly<Record<string, TableSource>>> {
  const found: Record<string, TableSource> = {};
  for (const name of new Set(expectations.flatMap((one) => referenceOf(one) ?? []))) {
    try {
      const ref = name === PREVIOUS ? await before(datasets, version) : await datasets.resolve(name);
      if (ref !== undefined) found[name] = await datasets.table(ref);
    } catch (error) {
      if (!isFault(error) || error.kind !== 'user') throw error;
    }
  }
  return found;
}

async function before(datasets: DatasetService, { dataset, parent }: DatasetVersion): Promise<DatasetVersion | undefined> {
  return parent === null ? undefined : datasets.version({ dataset, version: parent });
}

/** The first version has none before it: what would be compared with that passes, and says so. */
export function isFirst(version: DatasetVersion, expectation: Expectation): boolean {
  return version.parent === null && referenceOf(expectation) === PREVIOUS;
}
