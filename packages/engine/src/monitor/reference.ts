import { toCanonicalJson, toProfile } from '@pawl/core';
import type { Blobs, Database, Hash, ModelVersion, MonitorReference, MonitorSpec, Profile, RunInput, Tables } from '@pawl/core';
import type { DatasetService } from '../dataset/service.ts';

export interface ReferencePorts {
  readonly database: Database;
  readonly datasets: DatasetService;
  readonly tables: Tables;
  readonly blobs: Blobs;
  readonly hash: Hash;
}

/** Profiles of the data each model version was trained on: computed once, stored by content, never read from raw rows again. */
export interface References {
  /** Of the columns that are inputs of the model. Undefined when the version names no training data. */
  profile(spec: MonitorSpec, version: ModelVersion, inputs: readonly string[]): Promise<Profile | undefined>;
}

export function createReferences(ports: ReferencePorts): References {
  const { database, datasets, tables, blobs, hash } = ports;
  const cache = new Map<string, Profile | undefined>();

  const trainingInput = async (version: ModelVersion): Promise<RunInput | undefined> => {
    const inputs = version.inputs.length > 0 || version.run === null ? version.inputs : await database.read.runs.inputs(version.run);
    return inputs.find((input) => input.role === 'training');
  };

  const compute = async (spec: MonitorSpec, version: ModelVersion, inputs: readonly string[]): Promise<Profile | undefined> => {
    const input = await trainingInput(version);
    if (input === undefined) return undefined;
    const table = await tables.readColumns(await datasets.table(input), null);
    const watched = new Set(spec.drift.features.length > 0 ? spec.drift.features : inputs);
    const profile = toProfile(Object.fromEntries(Object.entries(table.columns).filter(([name]) => watched.has(name))), hash);
    const { digest } = await blobs.put(new TextEncoder().encode(toCanonicalJson(profile)));
    const reference: MonitorReference = { monitor: spec.name, version: version.version, profile: digest, rows: table.rows };
    await database.transaction((tx) => tx.monitors.putReference(reference));
    return profile;
  };

  return {
    async profile(spec, version, inputs) {
      const key = `${spec.name}\n${version.version}`;
      if (cache.has(key)) return cache.get(key);
      const stored = await database.read.monitors.reference(spec.name, version.version);
      const profile =
        stored === undefined
          ? await compute(spec, version, inputs)
          : (JSON.parse(new TextDecoder().decode(await blobs.read(stored.profile))) as Profile);
      cache.set(key, profile);
      return profile;
    },
  };
}
