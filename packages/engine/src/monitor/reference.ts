import { fromTableProfile, isFault, toCanonicalJson } from '@pawl/core';
import type { Blobs, Clock, Database, Log, ModelVersion, MonitorReference, MonitorSpec, Profile, RunInput } from '@pawl/core';
import type { ProfileService } from '../dataset/profile.ts';
import type { DatasetService } from '../dataset/service.ts';

export interface ReferencePorts {
  readonly database: Database;
  readonly datasets: DatasetService;
  readonly profiles: ProfileService;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly log: Log;
}

/** Profiles of the data each model version was trained on: taken once from the profile of the dataset version, and stored by content. Edges that windows were counted on never change. */
export interface References {
  /**
   * Of the columns that are inputs of the model, whatever the monitor watches now: it may be told to watch others. Undefined when the version names no training
   * data, or names data that cannot be read; it is looked for again after five minutes.
   */
  profile(spec: MonitorSpec, version: ModelVersion, inputs: readonly string[]): Promise<Profile | undefined>;
}

/** What was found, and until when that is taken for true: a profile for ever, its absence for a while. */
interface Held {
  readonly profile: Profile | undefined;
  readonly until: number;
}

const ABSENT_MS = 5 * 60_000;

export function createReferences(ports: ReferencePorts): References {
  const { database, datasets, profiles, blobs, clock, log } = ports;
  const cache = new Map<string, Held>();
  /** By monitor and version, what was told last: what stays broken is told once. */
  const told = new Map<string, string>();

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
      // Counting goes on without it, until somebody has mended it.
      const key = toKey(spec, version);
      if (told.get(key) !== error.message)
        log.warn({ monitor: spec.name, version: version.version, code: error.code, problem: error.message }, 'drift cannot be watched');
      told.set(key, error.message);
      return undefined;
    }
  };

  /** Undefined when its content is gone: it is made again from the data. */
  const readStored = async (stored: MonitorReference): Promise<Profile | undefined> => {
    try {
      return JSON.parse(new TextDecoder().decode(await blobs.read(stored.profile))) as Profile;
    } catch (error) {
      if (isFault(error, 'blob_not_found') || isFault(error, 'blob_corrupt')) return undefined;
      throw error;
    }
  };

  const profileOf = async (input: RunInput, spec: MonitorSpec, version: ModelVersion, inputs: readonly string[]): Promise<Profile> => {
    const table = await profiles.profile(await datasets.version(input));
    const profile = fromTableProfile(table.profile, inputs);
    const { digest } = await blobs.put(new TextEncoder().encode(toCanonicalJson(profile)));
    const reference: MonitorReference = { monitor: spec.name, version: version.version, profile: digest, rows: table.profile.rows };
    await database.transaction((tx) => tx.monitors.putReference(reference));
    return profile;
  };

  return {
    async profile(spec, version, inputs) {
      const key = toKey(spec, version);
      const held = cache.get(key);
      if (held !== undefined && clock.now() < held.until) return held.profile;
      // Nothing was counted yet: what the inputs are is not known.
      if (inputs.length === 0) return undefined;
      const stored = await database.read.monitors.reference(spec.name, version.version);
      const profile = (stored && (await readStored(stored))) ?? (await compute(spec, version, inputs));
      cache.set(key, { profile, until: profile === undefined ? clock.now() + ABSENT_MS : Infinity });
      return profile;
    },
  };
}

const toKey = (spec: MonitorSpec, version: ModelVersion): string => `${spec.name}\n${version.version}`;
