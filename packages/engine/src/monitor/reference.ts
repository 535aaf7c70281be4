import { isFault, toCanonicalJson, toProfile } from '@pawl/core';
import type { Blobs, Database, Hash, Log, ModelVersion, MonitorReference, MonitorSpec, Profile, RunInput, Tables } from '@pawl/core';
import type { DatasetService } from '../dataset/service.ts';

export interface ReferencePorts {
  readonly database: Database;
  readonly datasets: DatasetService;
  readonly tables: Tables;
  readonly blobs: Blobs;
  readonly hash: Hash;
  readonly log: Log;
}

/** Profiles of the data each model version was trained on: computed once, stored by content, never read from raw rows again. */
export interface References {
  /**
   * Of the columns that are inputs of the model, whatever the monitor watches now: it may be told to watch others. Undefined when the version names no training
   * data, or names data that cannot be read.
   */
  profile(spec: MonitorSpec, version: ModelVersion, inputs: readonly string[]): Promise<Profile | undefined>;
}

export function createReferences(ports: ReferencePorts): References {
  const { database, datasets, tables, blobs, hash, log } = ports;
  const cache = new Map<string, Profile | undefined>();

  const trainingInput = async (version: ModelVersion): Promise<RunInput | undefined> => {
    const inputs = version.inputs.length > 0 || version.run === null ? version.inputs : await database.read.runs.inputs(version.run);
    return inputs.find((input) => input.role === 'training');
  };

  const compute = async (spec: MonitorSpec, version: ModelVersion, inputs: readonly string[]): Promise<Profile | undefined> => {
    const input = await trainingInput(version);
    if (input === undefined) return undefined;
    try {
      return await profileOf(input, spec, version, inputs);
    } catch (error) {
      if (!isFault(error) || error.kind !== 'user') throw error;
      // What is broken stays broken: counting goes on without it, also for the other monitors.
      log.warn({ monitor: spec.name, version: version.version, code: error.code, problem: error.message }, 'drift cannot be watched');
      return undefined;
    }
  };

  const profileOf = async (input: RunInput, spec: MonitorSpec, version: ModelVersion, inputs: readonly string[]): Promise<Profile> => {
    const source = await datasets.table(input);
    const { rows, columns } = await tables.describe(source);
    const table = await tables.readColumns(
      source,
      columns.map((column) => column.name).filter((name) => inputs.includes(name)),
    );
    const profile = toProfile(table.columns, hash);
    const { digest } = await blobs.put(new TextEncoder().encode(toCanonicalJson(profile)));
    const reference: MonitorReference = { monitor: spec.name, version: version.version, profile: digest, rows };
    await database.transaction((tx) => tx.monitors.putReference(reference));
    return profile;
  };

  return {
    async profile(spec, version, inputs) {
      const key = `${spec.name}\n${version.version}`;
      if (cache.has(key)) return cache.get(key);
      // Nothing was counted yet: what the inputs are is not known.
      if (inputs.length === 0) return undefined;
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
